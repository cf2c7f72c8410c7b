import { elementCount, invalidArgument, tensor } from "../../../../../core/index.js";
import type { HostOp } from "../host-op.js";
import { blank, inferredShape, itemsOf, numbersOf, stridesOf } from "../tensors.js";

/** SparseReshape: indices, their shape, and another one with as many elements, in which one size may be -1. */
export const sparseReshapeOp: HostOp<Record<string, never>> = {
  name: "SparseReshape",
  open:
    () =>
    async ([indices, given, wanted], pace) => {
      const [from, to] = [numbersOf(given), numbersOf(wanted)];
      const count = elementCount(from);
      const shape = inferredShape(to, count);
      if (elementCount(shape) !== count || shape.some((size) => size < 0 || !Number.isInteger(size))) {
        throw invalidArgument(
          `Input to reshape is a tensor with ${count} dense values, but the requested shape has ${elementCount(to)}`,
        );
      }
      const rows = indices!.shape[0] ?? 0;
      const { tensor: moved, items } = blank("int64", [rows, shape.length]);
      const places = itemsOf(indices!);
      const [old, fresh] = [stridesOf(from), stridesOf(shape)];
      await pace.each(rows, (row) => {
        let at = 0;
        for (const [d, stride] of old.entries()) at += Number(places[row * old.length + d]) * stride;
        for (const [d, stride] of fresh.entries()) {
          const index = Math.floor(at / stride);
          items[row * fresh.length + d] = BigInt(index);
          at -= index * stride;
        }
      });
      return [moved, tensor("int64", [shape.length], BigInt64Array.from(shape, BigInt))];
    },
};

/**
 * SparseFillEmptyRows: indices, values, the shape and a default for rows without values. Gives indices and values with
 * them, which rows those are, and where each of the given values now stands.
 */
export const fillEmptyRowsOp: HostOp<Record<string, never>> = {
  name: "SparseFillEmptyRows",
  open:
    () =>
    async ([indices, values, shape, fallback], pace) => {
      const rows = numbersOf(shape)[0] ?? 0;
      const rank = indices!.shape[1] ?? 1;
      const [places, given] = [itemsOf(indices!), itemsOf(values!)];
      const count = given.length;
      // Where the next value of each row goes; first how many there are.
      const next = new Float64Array(rows + 1);
      await pace.each(count, (i) => {
        const row = Number(places[i * rank]);
        if (!(row >= 0 && row < rows)) throw invalidArgument(`indices(${i}, 0) is invalid: ${row} >= ${rows}`);
        next[row + 1]!++;
      });
      const empty = new Uint8Array(rows);
      for (let row = 0; row < rows; row++) {
        if (next[row + 1] === 0) {
          empty[row] = 1;
          next[row + 1] = 1;
        }
        next[row + 1]! += next[row]!;
      }
      const total = next[rows]!;
      const { tensor: allIndices, items: allPlaces } = blank("int64", [total, rank]);
      const { tensor: allValues, items } = blank(values!.dtype, [total]);
      const moved = new BigInt64Array(count);
      for (let row = 0; row < rows; row++) {
        if (!empty[row]) continue;
        const at = next[row]!;
        allPlaces[at * rank] = BigInt(row);
        items[at] = itemsOf(fallback!)[0]!;
      }
      await pace.each(count, (i) => {
        const at = next[Number(places[i * rank])]!++;
        for (let d = 0; d < rank; d++) allPlaces[at * rank + d] = places[i * rank + d]!;
        items[at] = given[i]!;
        moved[i] = BigInt(at);
      });
      return [allIndices, allValues, tensor("bool", [rows], empty), tensor("int64", [count], moved)];
    },
};
