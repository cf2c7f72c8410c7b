import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isServingError, silentLogger, type Tensor, type Tensors, tensor } from "../../core/index.js";
import {
  defaultOrtOptions,
  type OrtSession,
  type OrtSessionOptions,
  openSession,
} from "../../plugins/runtimes/onnxruntime/index.js";
import type { SoakEngine, SoakSession } from "./engine.js";
import { randomOf } from "./random.js";

const model = (name: string) => fileURLToPath(new URL(`../fixtures/onnx/${name}.onnx`, import.meta.url));

/** One kind of run: its inputs, and whether an answer to them is right. `undefined` stands for "refused". */
type Kind = {
  readonly model: string;
  readonly share: number;
  make(random: () => number): { readonly inputs: Tensors; right(outputs: Tensors | undefined): boolean };
};

const between = (random: () => number, low: number, high: number) => low + Math.floor(random() * (high - low + 1));
const equal = (tensor: Tensor | undefined, wanted: ArrayLike<number>) =>
  tensor?.data.length === wanted.length && Array.prototype.every.call(tensor.data, (item, i) => item === wanted[i]);
const ints = (...values: number[]) => tensor("int64", [values.length], BigInt64Array.from(values, BigInt));

/** sum = a + b and its total along `seq`, in sizes from nothing to some 60 kB. Whole numbers, so that sums are exact. */
const sums: Kind = {
  model: "symbolic_dims",
  share: 0.8,
  make: (random) => {
    const shape = [between(random, 0, 8), between(random, 1, random() < 0.1 ? 200 : 12), 3] as const;
    const [batch, seq, width] = shape;
    const fill = () => Float32Array.from({ length: batch * seq * width }, () => between(random, -999, 999));
    const [a, b] = [fill(), fill()];
    const sum = a.map((value, i) => value + b[i]!);
    const total = new Float32Array(batch * width);
    for (const [i, value] of sum.entries()) total[Math.floor(i / (seq * width)) * width + (i % width)]! += value;
    return {
      inputs: { a: tensor("float32", shape, a), b: tensor("float32", shape, b) },
      right: (outputs) => equal(outputs?.sum, sum) && equal(outputs?.total, total),
    };
  },
};

const words = ["", "a", "Grüße", "日本語", "x".repeat(300)].map((word) => new TextEncoder().encode(word));

/** Strings there and back. */
const texts: Kind = {
  model: "dtype_string",
  share: 0.1,
  make: (random) => {
    const rows = between(random, 0, 6);
    const data = Array.from({ length: rows * 2 }, () => words[between(random, 0, words.length - 1)]!);
    const same = (got: Tensor | undefined, wanted: readonly Uint8Array[]) =>
      got?.dtype === "string" &&
      got.data.length === wanted.length &&
      got.data.every((item, i) => Buffer.compare(item, wanted[i]!) === 0);
    return {
      inputs: { x: tensor("string", [rows, 2], data) },
      right: (outputs) => same(outputs?.y, data) && same(outputs?.twice, [...data, ...data]),
    };
  },
};

/** A node that refuses, half of the time. */
const refusals: Kind = {
  model: "refuses",
  share: 0.05,
  make: (random) => {
    const index = between(random, 0, 3);
    return {
      inputs: { index: tensor("int64", [], BigInt64Array.of(BigInt(index))), shape: ints(2, 3) },
      right: (outputs) =>
        index < 2
          ? equal(
              outputs?.y,
              Float32Array.from({ length: 6 }, (_, i) => index * 6 + i),
            )
          : outputs === undefined,
    };
  },
};

/** Long enough for a cancellation to find it under way. */
const loops: Kind = {
  model: "slow_loop",
  share: 0.049,
  make: (random) => ({
    inputs: {
      steps: tensor("int64", [], BigInt64Array.of(BigInt(between(random, 0, 2)))),
      x: tensor("float32", [], new Float32Array([1.5])),
    },
    right: (outputs) => Math.abs(Number(outputs?.y?.data[0]) - 1.5) < 1e-4,
  }),
};

/** Outputs so large that the engine hands out the runtime's own memory. */
const large: Kind = {
  model: "fill",
  share: 0.001,
  make: (random) => {
    const rows = between(random, 1000, 1400);
    return {
      inputs: { shape: ints(rows, 1024) },
      right: ({ y } = {}) =>
        y?.data.length === rows * 1024 && [0, rows, rows * 1024 - 1].every((index) => y.data[index] === 1.5),
    };
  },
};

const kinds = [sums, texts, refusals, loops, large];

function kindOf(point: number): Kind {
  let left = point;
  for (const kind of kinds) {
    left -= kind.share;
    if (left < 0) return kind;
  }
  return sums;
}

/** An engine of ONNX Runtime. One soak session is a session of each model; one of them is opened from bytes. */
export function onnxruntimeEngine(
  engine: "ffi" | "binding",
  dispatch: OrtSessionOptions["dispatch"] = "async",
): SoakEngine {
  const options: OrtSessionOptions = { ...defaultOrtOptions, engine, dispatch };
  const open = (name: string): Promise<OrtSession> => {
    const source = name === sums.model ? { bytes: readFileSync(model(name)) } : { path: model(name) };
    return openSession(source, options, silentLogger);
  };
  return {
    name: engine === "ffi" ? `onnxruntime/ffi ${dispatch}` : "onnxruntime/binding",
    open: async (): Promise<SoakSession> => {
      const opened = await Promise.all(kinds.map(async (kind) => [kind, await open(kind.model)] as const));
      const sessions = new Map(opened);
      return {
        run: async (index, signal) => {
          const random = randomOf(index);
          const kind = kindOf(random());
          const { inputs, right } = kind.make(random);
          try {
            return right(await sessions.get(kind)!.run(inputs, [], { signal }));
          } catch (error) {
            if (signal.aborted || !isServingError(error) || error.code !== "INVALID_ARGUMENT") throw error;
            return right(undefined);
          }
        },
        [Symbol.asyncDispose]: async () => {
          await Promise.all([...sessions.values()].map((session) => session[Symbol.asyncDispose]()));
        },
      };
    },
  };
}
