import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Feature, record, type Servable, silentLogger, type Tensor, tensor } from "../../../../core/index.js";
import { defaultOrtOptions } from "../../../../plugins/runtimes/onnxruntime/index.js";
import { compile } from "../../../../plugins/servables/savedmodel/compile.js";
import { onnxruntimeServable } from "../../../../plugins/servables/savedmodel/engines/onnxruntime.js";
import { formatObstacle } from "../../../../plugins/servables/savedmodel/lowering/refusal.js";
import { parseExamples } from "../../../../plugins/servables/savedmodel/parsing/parse-examples.js";
import type { DensePlan, ParsePlan, SparsePlan } from "../../../../plugins/servables/savedmodel/parsing/plan.js";
import { createPace } from "../../../../plugins/servables/savedmodel/steps/pace.js";
import { encodeExample } from "../../../../protos/example/encode.js";
import { firstDifference } from "../../../fixtures/compare.js";
import { type GoldenTensor, toTensors } from "../../../fixtures/golden.js";

type Case = {
  readonly examples: readonly string[];
  readonly error?: string;
  readonly outputs?: Readonly<Record<string, GoldenTensor>>;
};

const dir = fileURLToPath(new URL("parsing/model", import.meta.url));
const golden = JSON.parse(readFileSync(new URL("parsing/golden.json", import.meta.url), "utf8")) as Record<
  string,
  readonly Case[]
>;
const { signal } = new AbortController();
const parse = (plan: ParsePlan, examples: Tensor, until: AbortSignal) =>
  parseExamples(plan, examples, createPace(until), new Array<boolean>(9).fill(true));
const serialized = (rows: readonly Uint8Array[]): Tensor => tensor("string", [rows.length], rows);
const compileAll = (signatures: readonly string[]) => compile({ dir, tags: ["serve"], signatures, lower: true });

describe("graphs that parse examples answer as TensorFlow does, and fail in its words", () => {
  let servable: Servable;
  beforeAll(async () => {
    const compiled = compileAll(Object.keys(golden));
    expect(Object.values(compiled.obstacles).flat().map(formatObstacle)).toEqual([]);
    const opened = await onnxruntimeServable(compiled, defaultOrtOptions, silentLogger);
    if ("refusal" in opened) throw opened.refusal;
    servable = opened.servable;
  });
  afterAll(() => servable[Symbol.asyncDispose]());

  const run = (signature: string, examples: Tensor) =>
    servable.run({ signature, inputs: record([["examples", examples]]), signal });

  for (const [signature, cases] of Object.entries(golden)) {
    for (const [i, { examples, error, outputs }] of cases.entries()) {
      it(`${signature}, case ${i}: ${error ?? `${examples.length} examples`}`, async () => {
        const answer = run(signature, serialized(examples.map((text) => new Uint8Array(Buffer.from(text, "base64")))));
        if (error === undefined) expect(firstDifference(await answer, toTensors(outputs ?? {}))).toBeUndefined();
        else await expect(answer).rejects.toMatchObject({ code: "INVALID_ARGUMENT", message: error });
      });
    }
  }

  it("take a list of examples, not one or a table of them", async () => {
    const one = encodeExample({ f: { kind: "float", values: Float32Array.of(1, 2) } });
    for (const shape of [[], [1, 1]]) {
      await expect(run("every", tensor("string", shape, [one]))).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
        message: `input "examples" has the shape [${shape}]; serialized tf.Examples come as [n]`,
      });
    }
  });
});

describe("what cannot be carried over is refused", () => {
  const reasons = {
    refused_ragged: /^ParseExampleV2 at .*: ragged features are not carried over$/,
    refused_sparse: /^SparseReduceSum at /,
  };
  for (const [name, reason] of Object.entries(reasons)) {
    it(name, () => {
      expect(compileAll([name]).obstacles[name]?.map(formatObstacle)).toEqual([expect.stringMatching(reason)]);
    });
  }
});

const values: Readonly<Record<string, (numbers: readonly number[]) => Feature>> = {
  float32: (numbers) => ({ kind: "float", values: Float32Array.from(numbers) }),
  int64: (numbers) => ({ kind: "int64", values: BigInt64Array.from(numbers, BigInt) }),
  string: (numbers) => ({ kind: "bytes", values: numbers.map((each) => Uint8Array.of(each + 128)) }),
};
const plain = (items: Tensor["data"] | Feature["values"] | undefined) =>
  Array.from((items ?? []) as ArrayLike<unknown>, (item) =>
    item instanceof Uint8Array ? item[0]! - 128 : Number(item),
  );

const dtype = fc.constantFrom("float32", "int64", "string");
const numbers = (constraints: fc.ArrayConstraints) => fc.array(fc.integer({ min: -128, max: 127 }), constraints);

describe("parsing", () => {
  it("puts each value in its place, for any features of any examples", async () => {
    const sizes = { fixed: 2, padded: 3 };
    const row = fc.record({
      fixed: fc.option(numbers({ minLength: sizes.fixed, maxLength: sizes.fixed }), { nil: undefined }),
      padded: fc.option(
        fc.integer({ min: 0, max: 3 }).chain((n) => numbers({ minLength: n * 3, maxLength: n * 3 })),
        { nil: undefined },
      ),
      sparse: fc.option(numbers({ maxLength: 4 }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 12 }), dtype, dtype, dtype, async (rows, fixed, padded, sparse) => {
        const make = values as Required<typeof values>;
        const constant = (type: string, items: readonly number[], shape: readonly number[]) =>
          ({ dtype: type, shape, data: make[type]!(items).values }) as Tensor;
        const dense: DensePlan[] = [
          { key: "fixed", dtype: fixed, shape: [2], fallback: constant(fixed, [8, 9], [2]) },
          { key: "padded", dtype: padded, shape: [-1, 3], fallback: constant(padded, [-5], []) },
        ];
        const loose: SparsePlan = { key: "sparse", dtype: sparse };
        const examples = rows.map((each) =>
          encodeExample({
            ...(each.fixed && { fixed: make[fixed]!(each.fixed) }),
            ...(each.padded && { padded: make[padded]!(each.padded) }),
            ...(each.sparse && { sparse: make[sparse]!(each.sparse) }),
          }),
        );
        const plan: ParsePlan = { source: "x", dense, sparse: [loose] };
        const outputs = await parse(plan, serialized(examples), signal);
        const fed = record(["c", "d", "e", "a", "b"].map((name, i) => [name, outputs[i]!] as const));

        const longest = Math.max(0, ...rows.map((each) => each.padded?.length ?? 0));
        const most = Math.max(0, ...rows.map((each) => each.sparse?.length ?? 0));
        const { length } = rows;
        const shapes = Object.fromEntries(Object.entries(fed).map(([name, { shape }]) => [name, shape]));
        const total = rows.flatMap((each) => each.sparse ?? []).length;
        expect(shapes).toEqual({
          a: [length, 2],
          b: [length, longest / 3, 3],
          c: [total, 2],
          d: [total],
          e: [2],
        });
        expect(plain(fed.a?.data)).toEqual(rows.flatMap((each) => each.fixed ?? [8, 9]));
        const rest = (count: number) => new Array<number>(count).fill(-5);
        expect(plain(fed.b?.data)).toEqual(
          rows.flatMap(({ padded: each = [] }) => [...each, ...rest(longest - each.length)]),
        );
        expect(plain(fed.c?.data)).toEqual(rows.flatMap(({ sparse: each = [] }, i) => each.flatMap((_, j) => [i, j])));
        expect(plain(fed.d?.data)).toEqual(rows.flatMap((each) => each.sparse ?? []));
        expect(plain(fed.e?.data)).toEqual([length, most]);
      }),
    );
  });

  const plan = (shape: readonly number[], fallback?: Tensor): ParsePlan => ({
    source: "x",
    dense: [{ key: "f", dtype: "float32", shape, ...(fallback && { fallback }) }],
    sparse: [],
  });

  it("lets the event loop turn, and ends when the caller is gone", async () => {
    const one = encodeExample({ f: { kind: "float", values: new Float32Array(4) } });
    const many = serialized(new Array<Uint8Array>(200_000).fill(one));
    const controller = new AbortController();
    const running = parse(plan([4]), many, controller.signal);
    // Were it not to turn, it would be done before this runs.
    setImmediate(() => controller.abort());
    await expect(running).rejects.toMatchObject({ code: "CANCELLED" });
  });

  it("refuses what would take too much memory before it takes any, all features together", async () => {
    const size = 2 ** 20;
    const fallback = tensor("float32", [size], new Float32Array(size));
    const one: DensePlan = { key: "f", dtype: "float32", shape: [size], fallback };
    const two = { ...plan([size]), dense: [{ ...one, shape: [1], key: "e" }, one] };
    const padded: DensePlan = { ...one, shape: [-1], fallback: tensor("float32", [], Float32Array.of(0)) };
    const empty = new Array<Uint8Array>(256).fill(new Uint8Array());
    const long = encodeExample({ f: { kind: "float", values: new Float32Array(size) } });
    const refused = {
      code: "RESOURCE_EXHAUSTED",
      message: expect.stringMatching(
        /^the feature "f" would take 10\d+ bytes, and of 1073741824 for a request 10\d+ are/,
      ),
    };
    await expect(parse(two, serialized(empty), signal)).rejects.toMatchObject(refused);
    const repeated = { ...plan([1]), dense: [padded] };
    await expect(parse(repeated, serialized([long, ...empty]), signal)).rejects.toMatchObject(refused);
  });

  it("shows the beginning of a broken example, however long it is", async () => {
    const broken = new Uint8Array(10_000).fill(0x6e);
    await expect(parse(plan([1]), serialized([broken]), signal)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: `Could not parse example input, value: '${"n".repeat(256)}…'`,
    });
  });
});
