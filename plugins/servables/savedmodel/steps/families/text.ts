import { elementCount, invalidArgument, tensor } from "../../../../../core/index.js";
import { broadcastShapes, places, stretched, transposed } from "../evaluate/view.js";
import type { HostOp } from "../host-op.js";
import { bytesOfText, isSpace, isTrail, joined, stringOp, stringsOf, textOf } from "../strings.js";
import { blank, itemsOf, withShape } from "../tensors.js";

/** "" changes ASCII letters, whatever the other bytes are. */
export type Cased = { readonly encoding: "" | "utf-8" };

const ascii = (first: number, last: number) => (item: Uint8Array) => {
  const changed = new Uint8Array(item.length);
  for (let i = 0; i < item.length; i++) {
    const byte = item[i]!;
    changed[i] = byte >= first && byte <= last ? byte ^ 0x20 : byte;
  }
  return changed;
};

/** TensorFlow hands the text on as a C string here, which ends at its first NUL. */
const beforeNul = (item: Uint8Array) => (item.includes(0) ? item.subarray(0, item.indexOf(0)) : item);

export const lowerOp = stringOp<Cased>("StringLower", ({ encoding }) =>
  encoding === "" ? ascii(65, 90) : (item) => bytesOfText(textOf(beforeNul(item)).toLowerCase()),
);
export const upperOp = stringOp<Cased>("StringUpper", ({ encoding }) =>
  encoding === "" ? ascii(97, 122) : (item) => bytesOfText(textOf(beforeNul(item)).toUpperCase()),
);

export const stripOp = stringOp<Record<string, never>>("StringStrip", () => (item) => {
  let [from, to] = [0, item.length];
  while (from < to && isSpace(item[from])) from++;
  while (to > from && isSpace(item[to - 1])) to--;
  return item.subarray(from, to);
});

export type Unit = { readonly unit: "BYTE" | "UTF8_CHAR" };

const characters = (item: Uint8Array) => item.reduce((count, byte) => (isTrail(byte) ? count : count + 1), 0);

export const lengthOp: HostOp<Unit> = {
  name: "StringLength",
  open: ({ unit }) => {
    const measure = unit === "BYTE" ? (item: Uint8Array) => item.length : characters;
    return async ([given], pace) => {
      const items = stringsOf(given);
      const lengths = new Int32Array(items.length);
      await pace.each(items.length, (i) => {
        lengths[i] = measure(items[i]!);
      });
      return [tensor("int32", given!.shape, lengths)];
    };
  },
};

/** Where the character `count` further on begins; undefined when there are not as many. */
function forward(item: Uint8Array, from: number, count: number): number | undefined {
  let at = from;
  for (let i = 0; i < count; i++) {
    if (at >= item.length) return undefined;
    do at++;
    while (isTrail(item[at]));
  }
  return at;
}

function backward(item: Uint8Array, count: number): number | undefined {
  let at = item.length;
  for (let i = 0; i < count; i++) {
    if (at <= 0) return undefined;
    do at--;
    while (at > 0 && isTrail(item[at]));
  }
  return at;
}

function subBytes(item: Uint8Array, pos: number, length: number, index: number): Uint8Array {
  const from = pos < 0 ? pos + item.length : pos;
  if (from < 0 || from > item.length) {
    throw invalidArgument(`pos ${pos} out of range for string b'${textOf(item)}' at index ${index}`);
  }
  // As in C++, where a length below zero is a very large one.
  return item.subarray(from, length < 0 ? item.length : from + length);
}

function subCharacters(item: Uint8Array, pos: number, length: number, index: number): Uint8Array {
  const from = pos < 0 ? backward(item, -pos) : forward(item, 0, pos);
  if (from === undefined) throw invalidArgument(`pos ${pos} out of range for string at index ${index}`);
  return item.subarray(from, forward(item, from, Math.max(0, length)) ?? item.length);
}

/** A string, a position, which counts from the end where negative, and a length. */
export const substrOp: HostOp<Unit> = {
  name: "Substr",
  open: ({ unit }) => {
    const cut = unit === "BYTE" ? subBytes : subCharacters;
    return async (inputs, pace) => {
      const shape = broadcastShapes(inputs.map((each) => each.shape));
      const { tensor, items } = blank("string", shape);
      const [itemAt, posAt, lengthAt] = inputs.map((each) => places(stretched(each, shape)));
      const [given, pos, length] = [stringsOf(inputs[0]), itemsOf(inputs[1]!), itemsOf(inputs[2]!)];
      await pace.each(items.length, (i) => {
        items[i] = cut(given[itemAt!(i)]!, Number(pos[posAt!(i)]), Number(length[lengthAt!(i)]), i);
      });
      return [tensor];
    };
  },
};

export type Separated = { readonly separator: Uint8Array };

/** Joins the strings at the same place of all inputs; scalars stand at every place. */
export const joinOp: HostOp<Separated> = {
  name: "StringJoin",
  open:
    ({ separator }) =>
    async (inputs, pace) => {
      const shaped = inputs.filter(({ shape }) => shape.length > 0);
      const { shape } = shaped[0] ?? inputs[0]!;
      const odd = shaped.find((each) => each.shape.join() !== shape.join());
      if (odd) throw invalidArgument(`Input shapes do not match: [${shape}] vs. [${odd.shape}]`);
      const { tensor, items } = blank("string", shape);
      const lists = inputs.map((each) => ({ items: stringsOf(each), scalar: each.shape.length === 0 }));
      await pace.each(items.length, (i) => {
        items[i] = joined(
          lists.map((list) => list.items[list.scalar ? 0 : i]!),
          separator,
        );
      });
      return [tensor];
    },
};

export type ReduceJoin = Separated & { readonly axes: readonly number[]; readonly keep: boolean };

/** Joins along dimensions; the first one named moves fastest. */
export const reduceJoinOp: HostOp<ReduceJoin> = {
  name: "ReduceJoin",
  open:
    ({ separator, axes, keep }) =>
    async ([given], pace) => {
      const { shape } = given!;
      const gone = axes.map((axis) => (axis < 0 ? axis + shape.length : axis));
      const bad = gone.find((axis) => !(axis >= 0 && axis < shape.length));
      if (bad !== undefined)
        throw invalidArgument(`Invalid reduction dimension ${bad} for input of rank ${shape.length}`);
      const kept = shape.flatMap((_, d) => (gone.includes(d) ? [] : [d]));
      const place = places(transposed(given!, [...kept, ...gone.toReversed()]));
      const strings = stringsOf(given);
      const { tensor, items } = blank(
        "string",
        kept.map((d) => shape[d]!),
      );
      const inner = elementCount(gone.map((d) => shape[d]!));
      await pace.each(items.length, (row) => {
        const parts = Array.from({ length: inner }, (_, i) => strings[place(row * inner + i)]!);
        items[row] = joined(parts, separator);
      });
      return [
        keep
          ? withShape(
              tensor,
              shape.map((size, d) => (gone.includes(d) ? 1 : size)),
            )
          : tensor,
      ];
    },
};
