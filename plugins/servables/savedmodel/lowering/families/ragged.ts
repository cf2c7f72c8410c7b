import { bincountOp, type Counting, raggedBincountOp } from "../../steps/families/counting.js";
import { type Partition, partitions, raggedToSparseOp, raggedToTensorOp } from "../../steps/families/ragged.js";
import type { RuleContext, Rules } from "../rule.js";
import type { Value } from "../value.js";

function toTensor(c: RuleContext): Value {
  const [shape, values, fallback] = [c.input(0), c.input(1), c.input(2)];
  const types = c.attrs.texts("row_partition_types");
  const known = types.every((type) => partitions.has(type)) && types.lastIndexOf("FIRST_DIM_SIZE") <= 0;
  const first = types[0] === "FIRST_DIM_SIZE" ? "VALUE_ROWIDS" : types[0];
  if (!known || types.length !== c.inputs.length - 3 || (types[0] === "VALUE_ROWIDS" && first === types[0])) {
    c.refuse(`its rows are given as ${types.join(", ")}`);
  }
  if (fallback.shape?.length !== 0) c.refuse("its default is no scalar");
  const levels = types.length - (types[0] === "FIRST_DIM_SIZE" ? 1 : 0);
  const rank = values.shape && values.shape.length + levels;
  const name = c.host(raggedToTensorOp, { types: types as readonly Partition[] }, [
    shape,
    values,
    fallback,
    ...c.inputs.slice(3),
  ]);
  return c.value(name[0]!, rank === null ? null : new Array<number>(rank).fill(-1));
}

function toSparse(c: RuleContext): readonly Value[] {
  c.requireRank(c.inputs.at(-1)!, 1);
  const rank = c.inputs.length;
  const names = c.host(raggedToSparseOp, {}, c.inputs);
  return [
    { ...c.value(names[0]!, [-1, rank], { certain: true }), sparse: true },
    c.value(names[1]!, [-1], { output: 1, certain: true }),
    c.value(names[2]!, [rank], { output: 2, certain: true }),
  ];
}

const SUMMED = new Set(["int32", "int64", "float32", "float64"]);

const counting = (c: RuleContext): Counting => {
  const dtype = c.dtypes[0]!;
  return SUMMED.has(dtype)
    ? { dtype, binary: c.attrs.flag("binary_output", false) }
    : c.refuse(`it counts in ${dtype}`);
};

function bincount(c: RuleContext): Value {
  const value = c.input(0);
  const name = c.host(bincountOp, counting(c), [value, c.input(1), c.input(2)])[0]!;
  return c.value(name, value.shape && [...value.shape.slice(0, -1), -1]);
}

export const raggedRules: Rules = {
  RaggedTensorToTensor: toTensor,
  RaggedTensorToSparse: toSparse,
  DenseBincount: bincount,
  RaggedBincount: (c) => c.value(c.host(raggedBincountOp, counting(c), c.inputs)[0]!, [-1, -1], { certain: true }),
};
