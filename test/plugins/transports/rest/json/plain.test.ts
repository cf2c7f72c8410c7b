import fc from "fast-check";
import type { Signature } from "salver";
import { describe, expect, it } from "vitest";
import { createPlainReader } from "../../../../../plugins/transports/rest/json/read/plain.js";
import { notPlain } from "../../../../../plugins/transports/rest/json/read/plain-numbers.js";
import { signature } from "../signatures.js";
import { readBody } from "./reading.js";

const single = signature({ x: "float32" });
const double = signature({ x: "float64" });
const signatures = { serving_default: single, double, two: signature({ x: "float32", y: "float32" }) };

/** What is read in one pass, `slice` bytes at a time; undefined for what is left to others. */
function readPlain(
  body: string | Buffer,
  slice = Number.POSITIVE_INFINITY,
  from: Record<string, Signature> = signatures,
) {
  try {
    const reader = createPlainReader(Buffer.from(body), from);
    while (!reader.step(reader.at + slice));
    return reader.asked();
  } catch {
    return undefined;
  }
}

describe("numbers are read in one pass", () => {
  it.each([
    ['{"instances":[1]}', "row", "serving_default", [1], [1]],
    [' {\n"instances" : [ [1 , 2.5],[-3,4e2] ] } ', "row", "serving_default", [2, 2], [1, 2.5, -3, 400]],
    ['{"inputs":-0.5}', "columnar", "serving_default", [], [-0.5]],
    ['{"signature_name":"double","inputs":[[[0.1]]]}', "columnar", "double", [1, 1, 1], [0.1]],
    ['{"signature_name":"","inputs":[7]}', "columnar", "serving_default", [1], [7]],
    [
      '{"inputs":[NaN,Infinity,-Infinity],"signature_name":"serving_default"}x',
      "columnar",
      "serving_default",
      [3],
      [NaN, Infinity, -Infinity],
    ],
  ] as const)("%s", (body, form, name, shape, values) => {
    for (const slice of [1, 1e9]) {
      const asked = readPlain(body, slice);
      expect(asked).toMatchObject({ form, signature: name, inputs: { x: { shape } } });
      expect(Array.from((asked?.inputs.x?.data ?? []) as Float64Array)).toEqual(values);
    }
  });
});

it.each([
  "",
  "{}",
  "[1]",
  '{"inputs":}',
  '{"inputs":1',
  '{"inputs":[1',
  '{"inputs":[1,]}',
  '{"inputs":[,1]}',
  '{"inputs":[]}',
  '{"inputs":[[1],[]]}',
  '{"inputs":[[1,2],[3]]}',
  '{"inputs":[1,[2]]}',
  '{"inputs":[[1],2]}',
  '{"inputs":01}',
  '{"inputs":1.}',
  '{"inputs":.5}',
  '{"inputs":-}',
  '{"inputs":1e}',
  '{"inputs":1e999}',
  '{"inputs":+1}',
  '{"inputs":0x1}',
  '{"inputs":"1"}',
  '{"inputs":true}',
  '{"inputs":{"x":1}}',
  '{"instances":1}',
  '{"instances":[{"x":1}]}',
  '{"inputs":1,"inputs":1}',
  '{"inputs":1,"instances":[1]}',
  '{"inputs":1,"other":1}',
  '{"inputs":1,}',
  '{"inputs":1]',
  '{"signature_name":"none","inputs":1}',
  '{"signature_name":"two","inputs":1}',
  '{"signature_name":1,"inputs":1}',
  '{"signature_name":"double"}',
  '{"inputs":1,"signature_name":"double"}',
  '{"input\\u0073":1}',
  '\ufeff{"inputs":1}',
  '{"signature_name":"","signature_name":"","inputs":1}',
  '{"toString":1}',
  `{"inputs":${"[".repeat(40)}1${"]".repeat(40)}}`,
])("%s is left to others", (body) => {
  expect(readPlain(body)).toBeUndefined();
});

it("what is left to others costs no stack", () => {
  expect(() => createPlainReader(Buffer.from('{"instances":[{"x":1}]}'), signatures).step(100)).toThrow(notPlain);
});

const spaced = fc.constantFrom("", "", "", " ", "\n\t");
const number = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => value.toPrecision(9)),
  fc.double({ min: -2, max: 2, noNaN: true }).map((value) => value.toFixed(17)),
  fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 22n }), fc.nat(25)).map(([digits, at]) => {
    const text = String(digits).padStart(at + 1, "0");
    return at === 0 ? text : `${text.slice(0, -at).replace(/^0+(?=\d)/, "")}.${text.slice(-at)}`;
  }),
);

describe("as the readers of all forms read it", () => {
  it.each(["float32", "float64"] as const)("%s of any digits and spacing", async (dtype) => {
    const body = fc
      .tuple(fc.array(fc.array(fc.tuple(number, spaced), { minLength: 3, maxLength: 3 }), { minLength: 1 }), spaced)
      .map(([rows, space]) => {
        const row = (each: readonly (readonly [string, string])[]) => each.map(([text, s]) => `${s}${text}${s}`).join();
        return `{${space}"instances":${space}[${rows.map((each) => `[${row(each)}]${space}`).join()}]}`;
      });
    const wanted = signature({ x: dtype });
    await fc.assert(
      fc.asyncProperty(body, fc.integer({ min: 1, max: 200 }), async (text, slice) => {
        expect(readPlain(text, slice, { serving_default: wanted })?.inputs).toEqual(await readBody(text, wanted));
      }),
      { numRuns: 300 },
    );
  });

  it("with any byte changed: the same, or left to them", async () => {
    const base = '{"signature_name":"","instances": [[1.5, -2e3],[0.25,10]] }';
    await fc.assert(
      fc.asyncProperty(
        fc.nat(base.length - 1),
        fc.oneof(
          fc.constantFrom(...Buffer.from('[]{},:"0123456789.eE+-NIx \\\u0000')),
          fc.integer({ min: 0, max: 255 }),
        ),
        fc.boolean(),
        async (at, byte, instead) => {
          const bytes = Buffer.concat([
            Buffer.from(base.slice(0, at)),
            Buffer.of(byte),
            Buffer.from(base.slice(instead ? at + 1 : at)),
          ]);
          const asked = readPlain(bytes);
          if (asked === undefined) return;
          expect(asked.inputs).toEqual(await readBody(bytes, single));
        },
      ),
      { numRuns: 3000 },
    );
  });
});
