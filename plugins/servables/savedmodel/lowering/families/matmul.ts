import type { RuleContext, Rules } from "../rule.js";
import { broadcast, type Value } from "../value.js";

const FUSED = new Set(["float32", "float64"]);

/** Two matrices; Gemm where ONNX Runtime has it, since a bias can join it. */
function matmul(c: RuleContext): Value {
  const [a, b] = [c.input(0), c.input(1)];
  const [transA, transB] = [c.attrs.flag("transpose_a", false), c.attrs.flag("transpose_b", false)];
  // TensorFlow refuses all but matrices here, ONNX would take more.
  for (const value of [a, b]) c.requireRank(value, 2);
  const shape = [a.shape![transA ? 1 : 0]!, b.shape![transB ? 0 : 1]!];
  if (FUSED.has(a.dtype)) {
    const inputs = [c.plain(a), c.plain(b)] as const;
    const attributes = { transA: Number(transA), transB: Number(transB) };
    return {
      ...c.value(c.emit("Gemm", inputs, attributes), shape, { certain: true }),
      product: { inputs, attributes },
    };
  }
  const matrix = (value: Value, flip: boolean) =>
    flip ? c.emit("Transpose", [value], { perm: [1, 0] }) : c.plain(value);
  return c.value(c.emit("MatMul", [matrix(a, transA), matrix(b, transB)]), shape, { certain: true });
}

/** `product + bias` as one Gemm, where `product` is one and `bias` a constant row; else undefined. */
export function biased(c: RuleContext, product: Value, bias: Value): Value | undefined {
  const columns = bias.constant?.shape;
  if (!product.product || columns?.length !== 1 || product.shape?.[1] !== columns[0]) return undefined;
  const { inputs, attributes } = product.product;
  return c.value(c.emit("Gemm", [...inputs, bias], attributes), product.shape, { certain: true });
}

/** Stacks of matrices whose leading dimensions broadcast. */
function batchMatmul(c: RuleContext): Value {
  const sides = [c.input(0), c.input(1)] as const;
  const flips = [c.attrs.flag("adj_x", false), c.attrs.flag("adj_y", false)];
  const shapes: (readonly number[])[] = [];
  const dtype = c.dtypes[0]!;
  const names = sides.map((value, i) => {
    const rank = c.requireRank(value);
    if (rank < 2) c.refuse(`its input has the rank ${rank}`);
    const axes = Array.from({ length: rank }, (_, d) => d);
    if (flips[i]) [axes[rank - 2], axes[rank - 1]] = [rank - 1, rank - 2];
    shapes.push(axes.map((d) => value.shape![d]!));
    const own = value.dtype === dtype ? c.plain(value) : c.emit("Cast", [value], { to: c.onnxType(dtype) });
    return flips[i] ? c.emit("Transpose", [own], { perm: axes }) : own;
  });
  const [x, y] = [shapes[0]!, shapes[1]!];
  const batch = broadcast(x.slice(0, -2), y.slice(0, -2));
  if (!batch) return c.refuse(`its inputs of shapes [${x}] and [${y}] cannot be broadcast`);
  return c.value(c.emit("MatMul", names), [...batch, x.at(-2)!, y.at(-1)!]);
}

export const matmulRules: Rules = {
  MatMul: matmul,
  BatchMatMulV2: batchMatmul,
  BatchMatMulV3: batchMatmul,
  SparseMatMul: (c) => {
    // Hints that many items are zero.
    for (const side of ["a", "b"]) c.attrs.flag(`${side}_is_sparse`, false);
    const inputs = c.inputs.map((value): Value => {
      if (value.dtype === "float32") return value;
      return { ...value, dtype: "float32", names: { plain: c.emit("Cast", [value], { to: c.onnxType("float32") }) } };
    });
    return matmul({ ...c, inputs, input: (i) => inputs[i]! });
  },
  BatchMatMul: (c) => {
    if (c.requireRank(c.input(0)) !== c.requireRank(c.input(1))) c.refuse("its inputs differ in rank");
    return batchMatmul(c);
  },
};
