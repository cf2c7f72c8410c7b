import fc from "fast-check";
import { type DType, isServingError, type Tensor, type TensorOf, texts } from "salver";
import { describe, expect, it } from "vitest";
import { signature } from "../signatures.js";
import { readBody } from "./reading.js";

const one = async (body: unknown, dtype: DType = "float32"): Promise<Tensor> => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return (await readBody(text, signature({ x: dtype }))).x as Tensor;
};
const plain = (tensor: Tensor | undefined) => tensor && { shape: tensor.shape, data: [...tensor.data] };

describe("rows", () => {
  it("of scalars, lists and objects", async () => {
    expect(plain(await one({ instances: [1, 2, 5] }))).toEqual({ shape: [3], data: [1, 2, 5] });
    expect(plain(await one({ instances: [[[1], [2]]] }))).toEqual({ shape: [1, 2, 1], data: [1, 2] });
    expect(plain(await one({ instances: [{ x: [1, 2] }, { x: [3, 4] }] }))).toEqual({
      shape: [2, 2],
      data: [1, 2, 3, 4],
    });
    expect(plain(await one({ instances: [[], []] }))).toEqual({ shape: [2, 0], data: [] });
  });

  it("of objects in any order of keys, with a repeated one", async () => {
    const body =
      '{"instances":[{"b":[1],"a":2.5},{"a":3.5,"b":[2]}, {"a":4, "b":[3],"a":[9,9]},{"\\u0061":5,"b":[4]},{"b":[5],"a":6,"b":[0]}]}';
    const { a, b } = await readBody(body, signature({ a: "float32", b: "int64" }));
    expect(plain(a)).toEqual({ shape: [5], data: [2.5, 3.5, 4, 5, 6] });
    expect(plain(b)).toEqual({ shape: [5, 1], data: [1n, 2n, 3n, 4n, 5n] });
  });

  it("may leave out what is optional, if all do", async () => {
    const optional = signature({ a: "float32", b: "float32" });
    const spec = {
      ...optional,
      inputs: { ...optional.inputs, b: { dtype: "float32" as const, shape: null, optional: true } },
    };
    expect(Object.keys(await readBody('{"instances":[{"a":1},{"a":2}]}', spec))).toEqual(["a"]);
    await expect(readBody('{"instances":[{"a":1},{"a":2,"b":1}]}', spec)).rejects.toThrow("keys must be equal to: a,b");
    await expect(readBody('{"instances":[{"a":1,"b":1},{"a":2}]}', spec)).rejects.toThrow("keys must be equal to: a,b");
    await expect(readBody('{"instances":[{}]}', spec)).rejects.toThrow("keys must be equal to: a,b");
  });

  it("whose names are those of Object's own properties", async () => {
    const names = Object.fromEntries<DType>([
      ["__proto__", "int32"],
      ["constructor", "int32"],
    ]);
    const body = '{"instances":[{"__proto__":1,"constructor":2}]}';
    const tensors = await readBody(body, signature(names));
    expect(Object.keys(tensors).sort()).toEqual(["__proto__", "constructor"]);
    await expect(readBody('{"instances":[{"toString":1}]}', signature({ x: "int32" }))).rejects.toThrow(
      "does not have named input: toString",
    );
  });
});

describe("columns", () => {
  it("of one input and of several, each of its own shape", async () => {
    expect(plain(await one({ inputs: 3 }))).toEqual({ shape: [], data: [3] });
    expect(plain(await one({ inputs: { x: [[1, 2]] } }))).toEqual({ shape: [1, 2], data: [1, 2] });
    const body = { inputs: { more: [{ a: "]}" }], b: [[1], [2]], a: 7 } };
    const { a, b } = await readBody(JSON.stringify(body), signature({ a: "int32", b: "int32" }));
    expect(plain(a)).toEqual({ shape: [], data: [7] });
    expect(plain(b)).toEqual({ shape: [2, 1], data: [1, 2] });
  });

  it("strings and base64", async () => {
    const body =
      '{"inputs": ["a\\"\\u00e9\\ud83d\\ude00\\n\\/", {"b64": "AP8="}, { "b64" : "YQ" }, {"b64":"YQ\\n=="}, "é"]}';
    const { data } = (await one(body, "string")) as TensorOf<"string">;
    expect(data.map((item) => Buffer.from(item).toString("latin1"))).toEqual([
      Buffer.from('a"é😀\n/').toString("latin1"),
      "\x00\xff",
      "a",
      "a",
      Buffer.from("é").toString("latin1"),
    ]);
    expect(plain(await one('{"instances":[{"b64":"YQ=="}]}', "string"))?.shape).toEqual([1]);
    expect(plain(await one('{"inputs":{"b64":"YQ=="}}', "string"))?.shape).toEqual([]);
  });

  it("bytes that are not UTF-8 stay as they are", async () => {
    const body = Buffer.concat([Buffer.from('{"inputs":"'), Buffer.from([0xff, 0xc3]), Buffer.from('"}')]);
    const { x } = await readBody(body, signature({ x: "string" }));
    expect(Buffer.from(x?.data[0] as Uint8Array)).toEqual(Buffer.from([0xff, 0xc3]));
  });
});

describe("64-bit integers", () => {
  it("are exact over their whole range", async () => {
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { minLength: 1 }),
        async (values) => {
          expect([...(await one(`{"inputs":[${values}]}`, "int64")).data]).toEqual(values);
        },
      ),
    );
    const edges = [2n ** 64n - 1n, 2n ** 53n, 2n ** 53n - 1n, 2n ** 53n + 1n, 2n ** 32n, 0n];
    expect([...(await one(`{"inputs":[${edges}]}`, "uint64")).data]).toEqual(edges);
    expect([...(await one('{"inputs":[-1, -4294967296, -4294967297, -9007199254740993]}', "int64")).data]).toEqual([
      -1n,
      -4294967296n,
      -4294967297n,
      -9007199254740993n,
    ]);
  });

  it.each([
    ["int64", "9223372036854775808"],
    ["int64", "-9223372036854775809"],
    ["int64", "1".repeat(300)],
    ["uint64", "18446744073709551616"],
    ["uint64", "-1"],
    ["uint64", `-${2n ** 60n}`],
    ["int64", "1.0"],
    ["int32", "2147483648"],
    ["int32", "1e3"],
    ["uint32", "-1"],
    ["uint32", "4294967296"],
  ] as const)("%s refuses %s", async (dtype, text) => {
    await expect(one(`{"inputs":[${text}]}`, dtype)).rejects.toThrow(`is not of expected type: ${dtype}`);
  });

  it("narrow types take any int32", async () => {
    expect([...(await one('{"inputs":[300,-1]}', "uint8")).data]).toEqual([44, 255]);
  });
});

describe("errors", () => {
  const first = "JSON Value:";
  it.each([
    [
      '{"instances":[1,"a"]}',
      "Failed to process element: 1 of 'instances' list. Error: INVALID_ARGUMENT: JSON Value: \"a\" Type: String is not of expected type: float",
    ],
    [
      '{"instances":[{"x":1},{"x":null}]}',
      "Failed to process element: 1 key: x of 'instances' list. Error: INVALID_ARGUMENT: JSON Value: null Type: Null is not of expected type: float",
    ],
    [
      '{"instances":[[1,2],[3]]}',
      "Failed to process element: 1 of 'instances' list. Error: INVALID_ARGUMENT: Expecting tensor size: 2 but got: 1",
    ],
    [
      '{"instances":[[[1],[2]],[[3,4]]]}',
      "Failed to process element: 1 of 'instances' list. Error: INVALID_ARGUMENT: Expecting shape [2,1] but got: [1,2]",
    ],
    [
      '{"instances":[1,[2]]}',
      "Failed to process element: 1 of 'instances' list. Error: INVALID_ARGUMENT: Expecting shape [] but got: [1]",
    ],
    ['{"instances":[1,{"x":1}]}', "Expecting value/list but got object at item 1 of input list"],
    ['{"instances":[{"x":1},[2]]}', "Expecting object but got list at item 1 of input list"],
    [
      '{"instances":[{"x":1},{"y":1}]}',
      "Failed to process element: 1 key: y of 'instances' list. Error: INVALID_ARGUMENT: JSON object: does not have named input: y",
    ],
    [
      '{"instances":[{"x":1},{ }]}',
      "Failed to process element: 1 of 'instances' list. JSON object: {} keys must be equal to: x",
    ],
    ['{"instances":{}}', `${first} {} Expecting 'instances' to be an list/array`],
    ['{"instances":[ ]}', `${first} [] No values in 'instances' array`],
    ["{}", "Missing 'inputs' or 'instances' key"],
    [
      '{"instances":[1], "inputs":1}',
      `${first} {"instances":[1],"inputs":1} Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist`,
    ],
    ["[1, 2]", `${first} [1,2] Is not object`],
    [
      '{"signature_name":5}',
      `${first} {"signature_name":5} not formatted correctly. 'signature_name' key must be a string value.`,
    ],
    ['{"inputs":{"y":1}}', "Missing named input: x in 'inputs' object."],
    ['{"inputs":[[1,2],[3]]}', "Encountered list at unexpected size: 1 at level: 1 expected size: 2"],
    ['{"inputs":[[1],[3,{"a":[1,2]},5]]}', "Encountered list at unexpected size: 3 at level: 1 expected size: 1"],
    ['{"inputs":[[1],[]]}', "Encountered list at unexpected size: 0 at level: 1 expected size: 1"],
    ['{"inputs":[[],[1]]}', "Encountered list at unexpected size: 1 at level: 1 expected size: 0"],
    ['{"inputs":[[1],[[3]]]}', "Encountered list at unexpected level: 2 expected < 2"],
    ['{"inputs":[[1],3]}', `${first} 3 found at incorrect level: 2 in the JSON DOM. Expected at level: 2`],
    ['{"inputs":[true]}', `${first} true Type: True is not of expected type: float`],
    ['{"inputs":[{"a":1}]}', `${first} {"a":1} Type: Object is not of expected type: float`],
  ])("%s", async (body, message) => {
    await expect(one(body)).rejects.toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", message }));
  });

  it("the outermost list of wrong size is named before what is wrong inside it", async () => {
    await expect(one('{"inputs":[[[1],[2]],[[1],["a"],[3]]]}')).rejects.toThrow(
      "unexpected size: 3 at level: 1 expected size: 2",
    );
    await expect(one('{"inputs":[[[1],[2]],[[1],[2,"]"],[3]]]}')).rejects.toThrow(
      "unexpected size: 3 at level: 1 expected size: 2",
    );
    await expect(one('{"inputs":[[[1],[2]],[[1],[2,3]]]}')).rejects.toThrow(
      "unexpected size: 2 at level: 2 expected size: 1",
    );
    await expect(one('{"inputs":[[[1],[2]],[[1],["a"]]]}')).rejects.toThrow("not of expected type: float");
  });

  it("several inputs want names", async () => {
    const several = signature({ a: "float32", b: "float32" });
    await expect(readBody('{"instances":[1]}', several)).rejects.toThrow(
      "instances is a plain list, but expecting list of objects",
    );
    await expect(readBody('{"inputs":[1]}', several)).rejects.toThrow(
      "inputs is a plain value/list, but expecting an object",
    );
    await expect(readBody('{"inputs":{"a":1}}', several)).rejects.toThrow("Missing named input: b in 'inputs' object.");
    await expect(readBody('{"instances":[{"a":1}]}', several)).rejects.toThrow(
      'JSON object: {"a":1} keys must be equal to: a,b',
    );
  });

  it("base64", async () => {
    for (const text of ["a", "a===", "YQ=", "Y-==", "Y!Q=", "Y=Q=", "YWE==", "Y_=="]) {
      await expect(one({ inputs: { b64: text } }, "string"), text).rejects.toThrow("Unable to base64 decode");
    }
    await expect(one('{"inputs":[{"b64":"YQ==","c":1}]}', "string")).rejects.toThrow(
      'JSON Value: {"b64":"YQ==","c":1} not formatted correctly for base64 data',
    );
  });

  it("types without JSON: by rows wrapped, by columns unimplemented", async () => {
    const columnar = one('{"inputs":[1]}', "float16");
    await expect(columnar).rejects.toMatchObject({
      code: "UNIMPLEMENTED",
      message: "Conversion of JSON Value: 1 to type: half",
    });
    await expect(one('{"instances":[1]}', "float16")).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("Error: UNIMPLEMENTED: Conversion of JSON Value: 1 to type: half"),
    });
  });

  it("types without JSON have tensors without elements", async () => {
    const { shape, data } = await one('{"inputs":[[],[]]}', "float16");
    expect([shape, data]).toEqual([[2, 0], new Uint16Array(0)]);
  });

  it("quotes are cut", async () => {
    const error = await one(`{"inputs":["${"long".repeat(1000)}"]}`).catch((caught: Error) => caught);
    expect((error as Error).message.length).toBeLessThan(400);
  });

  it("deep nesting", async () => {
    const deep = (brackets: number) => "[".repeat(brackets) + 1 + "]".repeat(brackets);
    expect((await one(`{"inputs":${deep(254)}}`)).shape).toHaveLength(254);
    await expect(one(`{"inputs":${deep(100_000)}}`)).rejects.toThrow("at most 254 dimensions");
    await expect(one(`{"instances":${deep(100_000)}}`)).rejects.toThrow("at most 254 dimensions");
    await expect(one(`{"signature_name":${deep(100_000)}}`)).rejects.toThrow("key must be a string value");
    await expect(one(`{"inputs":${"[".repeat(100_000)}`)).rejects.toThrow("Invalid value. at offset: 100010");
  });
});

describe("the document", () => {
  it("of members of one name the first counts, escapes in names too", async () => {
    expect(plain(await one('{"other":{"inputs":1},"\\u0069nputs":2,"inputs":3}'))).toEqual({ shape: [], data: [2] });
  });

  it("a byte order mark and bytes after the end are passed over", async () => {
    expect(plain(await one('\ufeff {"inputs":1}}}garbage'))).toEqual({ shape: [], data: [1] });
  });

  it("nothing at all", async () => {
    await expect(one("")).rejects.toThrow(/^JSON Parse error: The document is empty$/);
    await expect(one(" \n")).rejects.toThrow("JSON Parse error: The document is empty. at offset: 2");
  });
});

type Nested = number | string | boolean | readonly Nested[];
const flat = (value: Nested): (number | string | boolean)[] =>
  Array.isArray(value) ? value.flatMap(flat) : [value as number];
const nest = <T>(leaf: fc.Arbitrary<T>, shape: readonly number[]): fc.Arbitrary<Nested> =>
  shape.length === 0
    ? (leaf as fc.Arbitrary<Nested>)
    : fc.array(nest(leaf, shape.slice(1)), { minLength: shape[0], maxLength: shape[0] });

describe("against JSON.parse", () => {
  const shape = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });
  const kinds: [DType, fc.Arbitrary<number | string | boolean>, (value: Nested) => unknown][] = [
    ["float64", fc.double({ noNaN: true, noDefaultInfinity: true }), Number],
    ["float32", fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => Math.fround(Number(value))],
    ["int32", fc.integer(), Number],
    ["bool", fc.boolean(), Number],
    ["string", fc.string({ unit: "binary" }), String],
  ];

  it.each(kinds)("%s of any shape, in both forms, however it is spaced", async (dtype, leaf, convert) => {
    const cases = shape.chain((dims) => fc.tuple(fc.constant(dims), nest(leaf, dims)));
    await fc.assert(
      fc.asyncProperty(cases, fc.integer({ min: 0, max: 3 }), async ([dims, value], indent) => {
        const wanted = flat(JSON.parse(JSON.stringify(value))).map(convert);
        const items = (tensor: Tensor) => (tensor.dtype === "string" ? texts(tensor) : [...tensor.data]);
        const columnar = await one(JSON.stringify({ inputs: value }, undefined, indent), dtype);
        expect(columnar.shape).toEqual(dims);
        expect(items(columnar)).toEqual(wanted);
        const row = await one(JSON.stringify({ instances: [{ x: value }, { x: value }] }, undefined, indent), dtype);
        expect(row.shape).toEqual([2, ...dims]);
        expect(items(row)).toEqual([...wanted, ...wanted]);
      }),
    );
  });

  it("every prefix of a body is a value or an error of the caller", async () => {
    const body =
      '{"signature_name":"s","instances":[{"a":[1.5,-2e3],"b":"x\\u00e9\\n"},{"b":{"b64":"YQ=="},"a":[NaN,0]}]}';
    const wanted = signature({ a: "float32", b: "string" });
    for (let length = 0; length < body.length; length++) {
      const error = await readBody(body.slice(0, length), wanted).catch((caught: unknown) => caught);
      expect(isServingError(error) && error.code, body.slice(0, length)).toBe("INVALID_ARGUMENT");
    }
    await expect(readBody(body, wanted)).resolves.toBeDefined();
  });
});
