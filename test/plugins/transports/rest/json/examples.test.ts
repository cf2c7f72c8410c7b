import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Feature } from "../../../../../core/index.js";
import { readExamples } from "../../../../../plugins/transports/rest/json/read/examples.js";

const { signal } = new AbortController();
const read = async (json: string) => readExamples(Buffer.from(json), signal);
const first = async (value: string): Promise<Feature | undefined> =>
  (await read(`{"examples":[{"f":${value}}]}`)).examples[0]?.features().f;

const int64s = (...values: bigint[]): Feature => ({ kind: "int64", values: BigInt64Array.from(values) });
const floats = (...values: number[]): Feature => ({ kind: "float", values: Float32Array.from(values) });

describe("the kind of feature is that of the token", () => {
  test.each([
    ["1", int64s(1n)],
    ["-0", int64s(0n)],
    ["true", int64s(1n)],
    ["[false, 1, -7]", int64s(0n, 1n, -7n)],
    ["9223372036854775807", int64s(2n ** 63n - 1n)],
    ["-9223372036854775808", int64s(-(2n ** 63n))],
    ["[9007199254740993]", int64s(2n ** 53n + 1n)],
    ["18446744073709551616", floats(2 ** 64)],
    ["-9223372036854775809", floats(-(2 ** 63))],
    ["123456789012345678901234567890", floats(1.2345678901234568e29)],
    ["1.0", floats(1)],
    ["[1e0, 0.1, -0.0]", floats(1, 0.1, -0)],
    ["[NaN, Infinity, -Infinity, Inf]", floats(Number.NaN, Infinity, -Infinity, Infinity)],
    ["1e300", floats(Infinity)],
    ["[]", undefined],
    ["[ ]", undefined],
  ])("%s", async (json, feature) => {
    expect(await first(json)).toEqual(feature);
  });

  test("text and base64 are bytes", async () => {
    expect(await first('["a\\u00e9\\n", {"b64":"/wA="}, ""]')).toEqual({
      kind: "bytes",
      values: [Buffer.from("aé\n"), Buffer.from([0xff, 0]), Buffer.from("")],
    });
    expect(await first('{ "b64" : "AQ==" }')).toEqual({ kind: "bytes", values: [Buffer.from([1])] });
  });
});

test("a name that comes twice means its last value", async () => {
  expect((await read('{"examples":[{"a":1,"a":2.5}]}')).examples[0]?.features()).toEqual({ a: floats(2.5) });
});

test("an empty list in an example hides the context's feature", async () => {
  const { examples } = await read('{"context":{"a":1,"b":2},"examples":[{"a":[]},{}]}');
  expect(examples.map((example) => Object.keys(example.features()))).toEqual([["b"], ["a", "b"]]);
});

const space = fc.constantFrom("", " ", "\n\t");
const value = fc.oneof(
  fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { minLength: 1 }).map((values) => ({
    feature: int64s(...values),
    json: values.map(String),
  })),
  fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }).map((values) => ({
    feature: floats(...values),
    json: values.map((each) =>
      Number.isInteger(each)
        ? `${Object.is(each, -0) ? "-" : ""}${each}e0`.replace(/e\+(\d+)e0/, "e+$1")
        : String(each),
    ),
  })),
  fc.array(fc.string({ unit: "grapheme" }), { minLength: 1 }).map((values) => ({
    feature: { kind: "bytes", values: values.map((text) => Buffer.from(text)) } as Feature,
    json: values.map((text) => JSON.stringify(text)),
  })),
);
const example = fc.dictionary(fc.string({ unit: "grapheme" }), value);

test("whatever is written is read", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(example, { minLength: 1 }), space, async (examples, gap) => {
      const objects = examples.map(
        (features) =>
          `{${gap}${Object.entries(features)
            .map(
              ([name, { json }]) => `${JSON.stringify(name)}${gap}:${gap}[${gap}${json.join(`${gap},${gap}`)}${gap}]`,
            )
            .join(`${gap},${gap}`)}${gap}}`,
      );
      const { examples: came } = await read(`{"examples":${gap}[${gap}${objects.join(`${gap},`)}${gap}]}`);
      expect(came.map((each) => Object.entries(each.features()).sort())).toEqual(
        examples.map((features) =>
          Object.entries(features)
            .map(([name, { feature }]) => [name, feature])
            .sort(),
        ),
      );
    }),
  );
});

test("long lists and many examples are read in slices", async () => {
  const long = `[${new Array(100_000).fill("1.5").join(",")}]`;
  const many = new Array(20_000).fill('{"f":[1,2,3],"g":"text"}').join(",");
  let turns = 0;
  let going = true;
  const count = () => {
    turns++;
    if (going) setImmediate(count);
  };
  setImmediate(count);
  const { examples } = await read(`{"examples":[{"f":${long}},${many}]}`);
  going = false;
  expect(examples).toHaveLength(20_001);
  expect(examples[0]?.features().f?.values).toHaveLength(100_000);
  // One for a slice of the syntax check and one for a slice of the reading, at least.
  expect(turns).toBeGreaterThan(4);
});
