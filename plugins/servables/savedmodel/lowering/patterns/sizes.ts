import { masksOf } from "../families/slicing.js";
import { stepsOf } from "../strided-slice.js";
import type { Origin, Value } from "../value.js";
import { integersOf, scalarOf } from "./constants.js";

/** The size of one dimension of a tensor, which is only known when the model runs. */
export type Size = { readonly of: Value; readonly axis: number };

const sameTensor = (a: Value, b: Value): boolean => a.names === b.names;

/** The index that takes one item of a list; undefined for anything else. */
function picked({ op, attrs, inputs }: Origin): number | undefined {
  if (op === "GatherV2") return attrs.int("batch_dims", 0) === 0 ? scalarOf(inputs[1]) : undefined;
  if (op !== "StridedSlice") return undefined;
  const [begin, end, strides] = inputs.slice(1).map((value) => integersOf(value));
  if (begin?.length !== 1 || end?.length !== 1 || strides?.length !== 1) return undefined;
  const step = stepsOf(begin, end, strides, masksOf({ attrs }))?.[0];
  return step?.kind === "index" ? step.at : undefined;
}

/** The size that this scalar is, as programs write it: `tf.shape(x)[axis]`. An axis from the end would rest on the rank. */
function sizeIn(value: Value): Size | undefined {
  const { origin } = value;
  if (origin?.op === "Cast") return sizeIn(origin.inputs[0]!);
  const axis = origin && picked(origin);
  if (axis === undefined || axis < 0) return undefined;
  const list = origin!.inputs[0]!.origin;
  return list?.op === "Shape" ? { of: list.inputs[0]!, axis } : undefined;
}

/** The items of a list that is put together out of sizes and numbers; undefined when one of them is something else. */
function itemsOf(list: Value): readonly (number | Size)[] | undefined {
  const { origin } = list;
  if (origin?.op === "Cast") return itemsOf(origin.inputs[0]!);
  if (origin?.op !== "Pack" || origin.attrs.int("axis", 0) !== 0) return undefined;
  const items = origin.inputs.map((value) => scalarOf(value) ?? sizeIn(value));
  return items.includes(undefined) ? undefined : (items as readonly (number | Size)[]);
}

/**
 * A computed shape for `value` in ONNX's notation, where 0 keeps a dimension: what `tf.reshape(x, [tf.shape(x)[0], 800])`
 * asks for without computing anything. undefined when the shape is not of that kind.
 */
export function keptSizes(value: Value, shape: Value): readonly number[] | undefined {
  const items = itemsOf(shape)?.map((item, position) => {
    if (typeof item === "number") return item > 0 ? item : undefined;
    return sameTensor(item.of, value) && item.axis === position ? 0 : undefined;
  });
  return items === undefined || items.includes(undefined) ? undefined : (items as readonly number[]);
}
