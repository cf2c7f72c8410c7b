import fc from "fast-check";
import { bytesOf, record, strings, type Tensor, type Tensors, tensor } from "salver";
import { describe, expect, it } from "vitest";
import { writeResponse } from "../../../../../plugins/transports/rest/json/write/response.js";

const { signal } = new AbortController();
const write = async (form: "row" | "columnar", tensors: Tensors) =>
  (await writeResponse(form, tensors, { signal })).toString("latin1").trimEnd();

const floats = (shape: readonly number[], ...data: number[]) => tensor("float32", shape, Float32Array.from(data));

describe("forms", () => {
  const y = floats([2, 2], 1, 2, 3, 4);
  const z = tensor("int32", [2], Int32Array.of(7, 8));

  it("one output has no name", async () => {
    expect(await write("row", { y })).toBe('{"predictions":[[1.0,2.0],[3.0,4.0]]}');
    expect(await write("columnar", { y })).toBe('{"outputs":[[1.0,2.0],[3.0,4.0]]}');
    expect(await write("columnar", { y: floats([], 5) })).toBe('{"outputs":5.0}');
  });

  it("several have theirs", async () => {
    expect(await write("row", { y, 'z"': z })).toBe(
      '{"predictions":[{"y":[1.0,2.0],"z\\"":7},{"y":[3.0,4.0],"z\\"":8}]}',
    );
    expect(await write("columnar", { y, z })).toBe('{"outputs":{"y":[[1.0,2.0],[3.0,4.0]],"z":[7,8]}}');
  });

  it("what is empty", async () => {
    expect(await write("row", { y: floats([0, 3]) })).toBe('{"predictions":[]}');
    expect(await write("row", { y: floats([0, 3]), z: floats([0]) })).toBe('{"predictions":[]}');
    expect(await write("row", { y: floats([2, 0, 3]), z })).toBe('{"predictions":[{"y":[],"z":7},{"y":[],"z":8}]}');
    expect(await write("columnar", { y: floats([2, 0, 3]) })).toBe('{"outputs":[[],[]]}');
  });

  it("rows want one batch size", async () => {
    await expect(write("row", { y: floats([], 1) })).rejects.toThrow("Tensor name: y has no shape information");
    await expect(write("row", { y, w: floats([3], 1, 2, 3) })).rejects.toThrow(
      "Tensor name: w has inconsistent batch size: 3 expecting: 2",
    );
  });
});

describe("elements", () => {
  it.each<[string, Tensor, string]>([
    ["y", floats([4], Number.NaN, Infinity, -Infinity, 0.1), "[NaN,Infinity,-Infinity,0.1]"],
    ["y", tensor("float64", [3], Float64Array.of(0.1, 1 / 3, -Infinity)), "[0.1,0.33333333333333331,-Infinity]"],
    [
      "y",
      tensor("int64", [2], BigInt64Array.of(2n ** 63n - 1n, -(2n ** 63n))),
      "[9223372036854775807,-9223372036854775808]",
    ],
    ["y", tensor("uint64", [1], BigUint64Array.of(2n ** 64n - 1n)), "[18446744073709551615]"],
    ["y", tensor("uint8", [2], Uint8Array.of(0, 255)), "[0,255]"],
    ["y", tensor("bool", [2], Uint8Array.of(1, 0)), "[true,false]"],
    ["y", strings(['a"\\/\n\u0001']), '["a\\"\\\\/\\n\\u0001"]'],
    ["y", tensor("string", [1], [Uint8Array.of(0xff, 0xc3)]), '["\xff\xc3"]'],
    ["y_bytes", tensor("string", [1], [Uint8Array.of(0xff, 0xc3)]), '[{"b64":"/8M="}]'],
  ])("%s %o", async (name, value, text) => {
    expect(await write("columnar", { [name]: value })).toBe(`{"outputs":${text}}`);
  });

  it.each(["float16", "bfloat16", "complex64"] as const)("%s has no JSON", async (dtype) => {
    const data = dtype === "complex64" ? new Float32Array(2) : new Uint16Array(1);
    const names = { float16: "half", bfloat16: "bfloat16", complex64: "complex64" };
    await expect(write("columnar", { y: { dtype, shape: [1], data } as Tensor })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: `Failed to write JSON value for tensor type: ${names[dtype]}`,
    });
  });
});

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 });
const count = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** The tensor as nested arrays, the plain way. */
function nested(shape: readonly number[], items: readonly unknown[]): unknown {
  const [size, ...rest] = shape;
  if (size === undefined) return items[0];
  const part = count(rest);
  return Array.from({ length: size }, (_, i) => nested(rest, items.slice(i * part, (i + 1) * part)));
}

describe("against JSON.parse", () => {
  it("numbers of any shape, by rows and by columns", async () => {
    const value = shapes.chain((shape) =>
      fc.tuple(
        fc.constant(shape),
        fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), {
          minLength: count(shape),
          maxLength: count(shape),
        }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(value, async ([shape, items]) => {
        const y = floats(shape, ...items);
        const z = tensor("uint8", shape, bytesOf(Int8Array.from(items.keys())));
        const read = (text: string) =>
          JSON.parse(text, (_, each) => (typeof each === "number" ? Math.fround(each) : each));
        expect(read(await write("columnar", record([["y", y]]))).outputs).toEqual(nested(shape, items));
        const rows = read(await write("row", { y, z })).predictions as { y: unknown; z: unknown }[];
        expect(rows.map((row) => row.y)).toEqual(nested(shape, items));
        expect(rows.map((row) => row.z)).toEqual(nested(shape, [...z.data]));
      }),
    );
  });

  it("texts", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: "binary" })), async (items) => {
        const body = await writeResponse("columnar", { y: strings(items) }, { signal });
        expect(JSON.parse(body.toString()).outputs).toEqual(items);
      }),
    );
  });
});
