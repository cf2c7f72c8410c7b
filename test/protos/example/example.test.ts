import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Feature } from "../../../core/index.js";
import { withContext } from "../../../protos/example/context.js";
import { decodeExample } from "../../../protos/example/decode.js";
import { encodeExample, exampleOf } from "../../../protos/example/encode.js";
import { type Example, ExampleSchema } from "../../../protos/gen/tensorflow/core/example/example_pb.js";
import { bytes, encodeMessage, type Field, float, message, string, varint } from "../../../protos/wire/writer.js";

const property = <T>(name: string, arbitrary: fc.Arbitrary<T>, holds: (value: T) => void) =>
  test(name, () => fc.assert(fc.property(arbitrary, holds)));

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const feature: fc.Arbitrary<Feature> = fc.oneof(
  fc.array(fc.uint8Array()).map((values): Feature => ({ kind: "bytes", values })),
  fc.array(fc.float()).map((values): Feature => ({ kind: "float", values: Float32Array.from(values) })),
  fc.array(int64).map((values): Feature => ({ kind: "int64", values: BigInt64Array.from(values) })),
);
const names = fc.oneof(fc.string({ unit: "grapheme" }), fc.constant("__proto__"), fc.constant("constructor"));
const features = fc.array(fc.tuple(names, feature)).map((entries) => new Map(entries));

/** What the generated code makes of an example, in our terms. */
function seen(message: Example): Map<string, Feature> {
  const out = new Map<string, Feature>();
  for (const [name, { kind }] of Object.entries(message.features?.feature ?? {})) {
    if (kind.case === "bytesList") out.set(name, { kind: "bytes", values: kind.value.value });
    if (kind.case === "floatList") out.set(name, { kind: "float", values: Float32Array.from(kind.value.value) });
    if (kind.case === "int64List") out.set(name, { kind: "int64", values: BigInt64Array.from(kind.value.value) });
  }
  return out;
}

const plain = (values: Iterable<readonly [string, Feature]>) =>
  [...values]
    .map(([name, { kind, values }]) => [
      name,
      kind,
      Array.from(values as Iterable<unknown>, (v) => (v instanceof Uint8Array ? [...v] : v)),
    ])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));

const ours = (serialized: Uint8Array) => plain(Object.entries(decodeExample(serialized).features()));
const theirs = (serialized: Uint8Array) => plain(seen(fromBinary(ExampleSchema, serialized)));
const record = (entries: Iterable<readonly [string, Feature]>) => {
  const out: Record<string, Feature> = Object.create(null);
  for (const [name, value] of entries) out[name] = value;
  return out;
};

/** A generated message has a plain object for its map, which cannot hold this key. */
const speakable = (entries: ReadonlyMap<string, Feature>) =>
  new Map([...entries].filter(([name]) => name !== "__proto__"));

property("what is written reads back, in the generated code too", fc.tuple(features), ([entries]) => {
  const serialized = encodeExample(record(entries));
  expect(ours(serialized)).toEqual(plain(entries));
  const known = speakable(entries);
  expect(theirs(encodeExample(record(known)))).toEqual(plain(known));
  expect(plain(Object.entries(exampleOf(record(entries)).features()))).toEqual(plain(entries));
  expect(Buffer.from(exampleOf(record(entries)).bytes).equals(serialized)).toBe(true);
});

property("what the generated code writes is read", fc.tuple(features), ([entries]) => {
  const feature: Record<string, object> = {};
  for (const [name, { kind, values }] of speakable(entries)) {
    feature[name] = { kind: { case: `${kind}List`, value: { value: Array.from<unknown>(values) } } };
  }
  const serialized = toBinary(ExampleSchema, create(ExampleSchema, { features: { feature } as never }));
  expect(ours(serialized)).toEqual(theirs(serialized));
  expect(ours(serialized)).toEqual(plain(speakable(entries)));
});

// Lists and messages in pieces, values packed or alone, kinds that replace each other, fields nobody knows.
const item = fc.oneof(
  fc.float().map((value) => ({ list: 2, fields: [float(1, value)] })),
  fc.array(fc.float()).map((values) => ({
    list: 2,
    fields: [bytes(1, new Uint8Array(Float32Array.from(values).buffer))],
  })),
  int64.map((value) => ({ list: 3, fields: [varint(1, value)] })),
  fc.uint8Array().map((value) => ({ list: 1, fields: [bytes(1, value)] })),
  fc.constantFrom(1, 2, 3).map((list) => ({ list, fields: [varint(9, 5n), string(7, "?")] as readonly Field[] })),
);
const entry = fc.tuple(fc.constantFrom("a", "b", "c"), fc.array(item, { maxLength: 5 })).map(([name, items]) =>
  message(1, [
    string(1, name),
    message(
      2,
      items.map(({ list, fields }) => message(list, fields)),
    ),
  ]),
);
const odd = fc
  .array(fc.array(fc.oneof(entry, fc.constant(varint(3, 1n)))))
  .map((groups) => encodeMessage([...groups.map((fields) => message(1, fields)), string(5, "unknown")]));

property("unusual but valid messages are read as the generated code reads them", fc.tuple(odd), ([serialized]) => {
  expect(ours(serialized)).toEqual(theirs(serialized));
});

property(
  "a message that is cut off is refused or read as far as it is whole",
  fc.tuple(odd, fc.nat()),
  ([whole, at]) => {
    const cut = whole.subarray(0, at % (whole.length + 1));
    let expected: unknown;
    try {
      expected = theirs(cut);
    } catch {
      expect(() => ours(cut)).toThrow(/^cannot decode tensorflow.Example: malformed protobuf at byte \d+/);
      return;
    }
    expect(ours(cut)).toEqual(expected);
  },
);

property("features over a context's are those of both messages merged", fc.tuple(odd, odd), ([context, own]) => {
  const [merged] = withContext(decodeExample(context), [decodeExample(own)]);
  const both = Buffer.concat([context, own]);
  expect(Buffer.from(merged!.bytes).equals(both)).toBe(true);
  expect(plain(Object.entries(merged!.features()))).toEqual(theirs(both));
});

describe("a context", () => {
  const context = exampleOf({
    a: { kind: "float", values: Float32Array.of(1) },
    b: { kind: "int64", values: BigInt64Array.of(2n) },
  });
  const own = exampleOf({ b: { kind: "bytes", values: [Buffer.from("mine")] } });

  test("gives what an example does not have itself", () => {
    const [merged] = withContext(context, [own]);
    const expected = [
      ["a", "float", [1]],
      ["b", "bytes", [[...Buffer.from("mine")]]],
    ];
    expect(plain(Object.entries(merged!.features()))).toEqual(expected);
    expect(ours(merged!.bytes)).toEqual(expected);
    expect(Buffer.from(merged!.bytes)).toEqual(Buffer.concat([context.bytes, own.bytes]));
  });

  test("is not repeated without bound", () => {
    const big = exampleOf({ a: { kind: "bytes", values: [new Uint8Array(1024 * 1024)] } });
    expect(() => withContext(big, new Array(300).fill(own))).toThrow(/for each of 300 examples makes \d+ bytes/);
    expect(withContext(big, new Array(200).fill(own))).toHaveLength(200);
  });
});

test("floats and bytes are views of the message where they are aligned", () => {
  const serialized = encodeExample({ name: { kind: "bytes", values: [Buffer.from("abc")] } });
  const { name } = decodeExample(serialized).features();
  expect(name?.kind === "bytes" && name.values[0]?.buffer === serialized.buffer).toBe(true);
});
