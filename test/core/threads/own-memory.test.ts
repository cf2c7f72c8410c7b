import fc from "fast-check";
import { expect, test } from "vitest";
import { ownMemory } from "../../../core/threads/own-memory.js";

const views = fc.oneof(
  fc.float32Array(),
  fc.float64Array(),
  fc.uint8Array(),
  fc.int16Array(),
  fc.bigInt64Array(),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
);
/** Views that begin somewhere within their buffer, as those of a request's body do. */
const within = fc.tuple(views, fc.nat(3)).map(([view, skip]) => view.subarray(Math.min(skip, view.length)));
const data = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    within,
    fc.string(),
    fc.bigInt(),
    fc.constant(undefined),
    fc.array(tie("node"), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie("node"), { maxKeys: 4 }),
  ),
})).node;

/** The same with every Buffer as the Uint8Array that it arrives as. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

test("the copy is equal, arrives whole, and looks into one buffer of its own", () => {
  fc.assert(
    fc.property(data, (value) => {
      const { value: copy, buffers } = ownMemory({ value });
      const arrived = structuredClone(copy, { transfer: [...buffers] });
      expect(arrived).toEqual({ value: plain(value) });
      expect(buffers.map(({ byteLength }) => byteLength)).toEqual([0]);
    }),
  );
});

test("only what is seen is copied, whatever lies around it", () => {
  const large = new Float32Array(1_000_000).fill(1);
  const { value, buffers } = ownMemory({ x: large.subarray(10, 12), names: [Buffer.from("a"), Buffer.from("bc")] });
  expect(buffers.map(({ byteLength }) => byteLength)).toEqual([24]);
  expect([value.x, value.names.map(String)]).toEqual([Float32Array.of(1, 1), ["97", "98,99"]]);
});

test("a name that objects have is only a name", () => {
  const { value } = ownMemory(JSON.parse('{"__proto__": {"a": 1}}'));
  expect(Object.entries(value)).toEqual([["__proto__", { a: 1 }]]);
});
