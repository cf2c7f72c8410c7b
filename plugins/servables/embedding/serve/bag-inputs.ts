import { formatShape, invalidArgument, type Tensor, type TensorOf, type Tensors } from "../../../../core/index.js";
import type { Bags, Combiner } from "../table/bags.js";
import { PADDING } from "./rows.js";

type Contents = Omit<Bags, "combiner">;

function weightsOf(inputs: Tensors, of: Tensor, name: string): Float32Array | undefined {
  const { weights } = inputs;
  if (!weights) return undefined;
  const { data, shape } = weights as TensorOf<"float32">;
  if (shape.length !== of.shape.length || shape.some((size, d) => size !== of.shape[d])) {
    throw invalidArgument(
      `weights are of shape ${formatShape(shape)}, ${name} of ${formatShape(of.shape)}; they must agree`,
    );
  }
  const bad = data.findIndex((weight) => !Number.isFinite(weight));
  if (bad >= 0) throw invalidArgument(`weight ${bad} is ${data[bad]}`);
  return data;
}

/** Drops what does not count, as TensorFlow's safe_embedding_lookup_sparse does: padding, and weights that are not above 0. */
function pruned(contents: Contents, combiner: Combiner): Bags {
  const { rows, splits, weights } = contents;
  const dropsWeights = weights !== undefined && combiner !== "sum";
  if (!dropsWeights && !rows.includes(PADDING)) return { ...contents, combiner };
  const keptRows = new Int32Array(rows.length);
  const keptWeights = weights && new Float32Array(rows.length);
  const keptSplits = new Int32Array(splits.length);
  let kept = 0;
  for (let bag = 0; bag + 1 < splits.length; bag++) {
    for (let i = splits[bag]!; i < splits[bag + 1]!; i++) {
      if (rows[i] === PADDING || (dropsWeights && !(weights[i]! > 0))) continue;
      if (keptWeights) keptWeights[kept] = weights![i]!;
      keptRows[kept++] = rows[i]!;
    }
    keptSplits[bag + 1] = kept;
  }
  const counted = { rows: keptRows.subarray(0, kept), splits: keptSplits, combiner };
  return keptWeights ? { ...counted, weights: keptWeights.subarray(0, kept) } : counted;
}

/** Bags of `[n, length]`, one a row. */
export function paddedBags(inputs: Tensors, name: string, rows: Int32Array, combiner: Combiner): Bags {
  const items = inputs[name]!;
  const [count = 0, length = 0] = items.shape;
  const weights = weightsOf(inputs, items, name);
  const splits = new Int32Array(count + 1);
  for (let bag = 0; bag <= count; bag++) splits[bag] = bag * length;
  return pruned({ rows, splits, ...(weights ? { weights } : {}) }, combiner);
}

export function checkPadded({ shape }: Tensor, name: string): void {
  if (shape.length === 2) return;
  throw invalidArgument(`${name} of padded bags have two dimensions, bags and their items; got ${formatShape(shape)}`);
}

function countsOf({ data, shape }: TensorOf<"int64">, name: string): number[] {
  if (shape.length !== 1) throw invalidArgument(`${name} has one dimension, got ${formatShape(shape)}`);
  return Array.from(data, Number);
}

/** Where each bag ends, by `row_splits` or `lengths`, of which one must be there. */
export function splitsOf(inputs: Tensors, items: Tensor, name: string): Int32Array {
  const { row_splits: splits, lengths } = inputs;
  if (items.shape.length !== 1) {
    throw invalidArgument(`${name} of ragged bags have one dimension, got ${formatShape(items.shape)}`);
  }
  if ((splits === undefined) === (lengths === undefined)) {
    throw invalidArgument(`ragged bags need one of row_splits and lengths, got ${splits ? "both" : "neither"}`);
  }
  const [count = 0] = items.shape;
  if (splits) {
    const ends = countsOf(splits as TensorOf<"int64">, "row_splits");
    const bad = ends.findIndex((end, i) => (i === 0 ? end !== 0 : !(end >= ends[i - 1]!)));
    if (ends.length === 0 || bad >= 0 || ends.at(-1) !== count) {
      const found =
        ends.length === 0 ? "it is empty" : bad >= 0 ? `entry ${bad} is ${ends[bad]}` : `it ends with ${ends.at(-1)}`;
      throw invalidArgument(
        `row_splits begins with 0, never falls and ends with ${count}, the number of ${name}; ${found}`,
      );
    }
    return Int32Array.from(ends);
  }
  const each = countsOf(lengths as TensorOf<"int64">, "lengths");
  const ends = new Int32Array(each.length + 1);
  let end = 0;
  for (const [i, length] of each.entries()) {
    end += length;
    if (length < 0 || end > count)
      throw invalidArgument(`lengths come to the ${count} ${name}; entry ${i} is ${length}`);
    ends[i + 1] = end;
  }
  if (end !== count) throw invalidArgument(`lengths come to ${end}, there are ${count} ${name}`);
  return ends;
}

export function raggedBags(
  inputs: Tensors,
  name: string,
  rows: Int32Array,
  splits: Int32Array,
  combiner: Combiner,
): Bags {
  const weights = weightsOf(inputs, inputs[name]!, name);
  return pruned({ rows, splits, ...(weights ? { weights } : {}) }, combiner);
}
