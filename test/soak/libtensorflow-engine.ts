import { fileURLToPath } from "node:url";
import { fromBinary } from "@bufbuild/protobuf";
import { isServingError, record, silentLogger, type Tensor, type Tensors, tensor } from "../../core/index.js";
import { type LoadedSession, openSavedModel } from "../../plugins/runtimes/libtensorflow/index.js";
import { MetaGraphDefSchema } from "../../protos/gen/tensorflow/core/protobuf/meta_graph_pb.js";
import type { SoakEngine, SoakSession } from "./engine.js";
import { randomOf } from "./random.js";

const model = (name: string) => fileURLToPath(new URL(`../fixtures/savedmodels/${name}`, import.meta.url));

/** One kind of run: its inputs, and whether an answer to them is right. `undefined` stands for "refused". */
type Kind = {
  readonly model: string;
  readonly share: number;
  make(random: () => number): { readonly inputs: Tensors; right(outputs: Tensors | undefined): boolean };
};

const between = (random: () => number, low: number, high: number) => low + Math.floor(random() * (high - low + 1));
const close = (tensor: Tensor | undefined, wanted: ArrayLike<number>) =>
  tensor?.data.length === wanted.length &&
  Array.prototype.every.call(tensor.data, (item, i) => Math.abs(item - (wanted[i] ?? Number.NaN)) < 1e-3);
const same = (tensor: Tensor | undefined, wanted: readonly Uint8Array[]) =>
  tensor?.dtype === "string" &&
  tensor.data.length === wanted.length &&
  tensor.data.every((item, i) => Buffer.compare(item, wanted[i]!) === 0);

/** left . w + b + right with the fixture's weights; now and then with rows that do not go together. */
const sums: Kind = {
  model: "multi_signature",
  share: 0.8,
  make: (random) => {
    const rows = between(random, 0, random() < 0.1 ? 2000 : 12);
    const refused = random() < 0.06;
    const rightRows = refused ? rows + 2 : rows;
    const fill = (count: number) => Float32Array.from({ length: count }, () => between(random, -99, 99));
    const [left, right] = [fill(rows * 2), fill(rightRows * 3)];
    const bias = [0.5, -0.5, 1];
    const product = Float32Array.from({ length: rows * 3 }, (_, i) => {
      const [row, column] = [Math.floor(i / 3), i % 3];
      return (left[row * 2]! * column) / 4 + (left[row * 2 + 1]! * (3 + column)) / 4 + bias[column]!;
    });
    return {
      inputs: { left: tensor("float32", [rows, 2], left), right: tensor("float32", [rightRows, 3], right) },
      right: (outputs) => {
        // TensorFlow repeats a single row.
        if (refused && rows !== 1) return outputs === undefined;
        if (refused) return outputs !== undefined;
        const sum = product.map((value, i) => value + right[i]!);
        return close(outputs?.product, product) && close(outputs?.sum, sum);
      },
    };
  },
};

const words = ["", "a", "grüße", "日本語", "x".repeat(300)].map((word) => new TextEncoder().encode(word));

/** Strings there and back, short ones inside TF_TString and long ones beside it. */
const texts: Kind = {
  model: "strings",
  share: 0.15,
  make: (random) => {
    const data = Array.from({ length: between(random, 0, 12) }, () => words[between(random, 0, words.length - 1)]!);
    const joined = data.map((item) => Buffer.concat([item, Buffer.from("-"), item]));
    const items = tensor("string", [data.length], data);
    return {
      inputs: { text: items, suffix: items },
      right: (outputs) => same(outputs?.echo, data) && same(outputs?.joined, joined),
    };
  },
};

/** Long enough for a cancellation to find it under way. */
const loops: Kind = {
  model: "slow",
  share: 0.05,
  make: (random) => ({
    inputs: {
      steps: tensor("int64", [], BigInt64Array.of(BigInt(between(random, 0, 4)))),
      x: tensor("float32", [], Float32Array.of(1.5)),
    },
    right: (outputs) => close(outputs?.y, [1.5]),
  }),
};

const kinds = [sums, texts, loops];

function kindOf(point: number): Kind {
  let left = point;
  for (const kind of kinds) {
    left -= kind.share;
    if (left < 0) return kind;
  }
  return sums;
}

/** A session by the names of its default signature. */
function byName(session: LoadedSession) {
  const signature = fromBinary(MetaGraphDefSchema, session.metaGraph).signatureDef.serving_default!;
  const name = (key: string, side: "inputs" | "outputs") => String(signature[side][key]?.encoding.value);
  const outputs = Object.keys(signature.outputs);
  const fetches = outputs.map((key) => name(key, "outputs"));
  return async (inputs: Tensors, signal: AbortSignal): Promise<Tensors> => {
    const feeds = record(Object.entries(inputs).map(([key, value]) => [name(key, "inputs"), value] as const));
    const tensors = await session.run(feeds, fetches, { signal });
    return record(outputs.map((key, i) => [key, tensors[i]!] as const));
  };
}

/** The engine of libtensorflow. One soak session is a session of each model. */
export function libtensorflowEngine(): SoakEngine {
  return {
    name: "libtensorflow",
    open: async (): Promise<SoakSession> => {
      const opened = await Promise.all(kinds.map((kind) => openSavedModel(model(kind.model), {}, silentLogger)));
      const runs = new Map(kinds.map((kind, i) => [kind, byName(opened[i]!)] as const));
      return {
        run: async (index, signal) => {
          const random = randomOf(index);
          const kind = kindOf(random());
          const { inputs, right } = kind.make(random);
          try {
            return right(await runs.get(kind)!(inputs, signal));
          } catch (error) {
            if (signal.aborted || !isServingError(error) || error.code !== "INVALID_ARGUMENT") throw error;
            return right(undefined);
          }
        },
        [Symbol.asyncDispose]: async () => {
          await Promise.all(opened.map((session) => session[Symbol.asyncDispose]()));
        },
      };
    },
  };
}
