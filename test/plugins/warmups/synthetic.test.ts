import {
  defineServable,
  dtypes,
  elementCount,
  invalidArgument,
  layouts,
  type Signature,
  type Tensor,
  type TensorSpec,
  type Tensors,
  tensor,
  type WarmupTarget,
} from "salver";
import { fakeHost, recordingLogger } from "salver/testing";
import { describe, expect, test } from "vitest";
import { madeUpInputs } from "../../../plugins/warmups/synthetic/inputs.js";
import { options } from "../../../plugins/warmups/synthetic/options.js";
import { syntheticWarmup } from "../../../plugins/warmups/synthetic/warmup.js";
import { emptyModel, realModel, serve, writeWarmup } from "../../support/warmed-model.js";

const signature = (inputs: Signature["inputs"], more: Partial<Signature> = {}): Signature => ({
  inputs,
  outputs: {},
  ...more,
});
const made = (spec: TensorSpec, batch: number, chosen: object = {}): Tensor =>
  madeUpInputs(signature({ x: spec }), batch, options.parse(chosen)).x!;

describe("made-up inputs", () => {
  test.each<[readonly number[] | null, readonly number[]]>([
    [[], []],
    [[-1], [8]],
    [
      [-1, 28, -1, 1],
      [8, 28, 3, 1],
    ],
    [
      [4, -1],
      [4, 3],
    ],
    [null, [8]],
  ])("of the shape %j are %j", (shape, wanted) => {
    expect(made({ dtype: "float32", shape }, 8, { openSize: 3 }).shape).toEqual(wanted);
  });

  test.each(dtypes)("of dtype %s have a whole tensor's elements", (dtype) => {
    for (const fill of ["zeros", "ones"]) {
      const { shape, data } = made({ dtype, shape: [-1, 2] }, 3, { fill });
      expect(data.length).toBe(elementCount(shape) * (dtype === "string" ? 1 : layouts[dtype].items));
    }
  });

  test("of ones are ones", () => {
    const ones = (dtype: TensorSpec["dtype"]) => [
      ...(made({ dtype, shape: [2] }, 1, { fill: "ones" }).data as Iterable<unknown>),
    ];
    expect(ones("float32")).toEqual([1, 1]);
    expect(ones("int64")).toEqual([1n, 1n]);
    expect(ones("complex64")).toEqual([1, 0, 1, 0]);
    expect(ones("float16")).toEqual([0x3c00, 0x3c00]);
    expect(ones("string")).toEqual([new Uint8Array(), new Uint8Array()]);
  });

  test("leave out what a call may leave out", () => {
    const x: TensorSpec = { dtype: "int32", shape: [] };
    const all = signature({ x, y: { ...x, optional: true }, z: x }, { defaults: { z: made(x, 1) } });
    expect(Object.keys(madeUpInputs(all, 1, options.parse({})))).toEqual(["x"]);
  });
});

describe("the warm-up", () => {
  test("runs a real model once for each batch size", async () => {
    const { status, warmups } = await serve({
      path: await realModel(),
      warmup: { type: "synthetic", batchSizes: [1, 7] },
    });
    expect(status().state).toBe("AVAILABLE");
    expect(warmups).toMatchObject([{ records: 2, code: "OK" }]);
  });

  test("asks by the signature's example where made-up inputs are refused", async () => {
    const ids: TensorSpec = { dtype: "int64", shape: [-1] };
    const example = { ids: tensor("int64", [1], BigInt64Array.of(7n)) };
    const asked: unknown[] = [];
    const target = {
      signatures: { serving_default: signature({ ids }, { example }) },
      predict: async (_: string, { ids: given }: Tensors) => {
        asked.push(given?.data[0]);
        if (given?.data[0] !== 7n) throw invalidArgument("no such id");
        return {};
      },
    } as unknown as WarmupTarget;
    const log = recordingLogger();
    const version = { model: "m", version: 1n, path: await emptyModel() };
    await syntheticWarmup(fakeHost({ log }), options.parse({ batchSizes: [1] })).run(
      target,
      version,
      new AbortController().signal,
    );
    expect(asked).toEqual([0n, 7n]);
    expect(log.lines).toEqual([]);
  });

  test("is not on unless asked for", async () => {
    const { warmups } = await serve({ path: await realModel() });
    expect(warmups).toEqual([]);
  });

  test.each([
    ["no-file", 0],
    ["always", 1],
  ])("with when: %s and recorded requests runs %i times", async (when, times) => {
    const path = await emptyModel();
    await writeWarmup(path, new Uint8Array());
    const warmup = ["tensorflow", { type: "synthetic", when }];
    const { warmups } = await serve({ path, servable: "half-plus-two", warmup });
    expect(warmups.map(({ records }) => records)).toEqual(times === 0 ? [] : [times]);
  });

  test("goes on where the model refuses what was made up", async () => {
    const picky = defineServable({
      type: "picky",
      inputs: { x: { dtype: "float32", shape: [-1] } },
      outputs: { y: { dtype: "float32", shape: [-1] } },
      run: () => {
        throw new Error("I do not like this");
      },
    });
    const { status, warmups, lines } = await serve(
      { path: await emptyModel(), servable: "picky", warmup: "synthetic" },
      [picky],
    );
    expect(status().state).toBe("AVAILABLE");
    expect(warmups).toEqual([]);
    expect(lines.filter(({ level }) => level === "warn").map(({ message }) => message)).toEqual([
      expect.stringContaining("no warm-up with made-up inputs"),
    ]);
  });
});
