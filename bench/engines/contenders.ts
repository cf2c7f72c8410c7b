import { messageOf } from "salver";
import { modelContender, type OpenContender } from "../harness/contender.js";
import type { Network } from "../models/catalogue.js";

type Engine = { readonly name: string; readonly from: "onnx" | "savedModel"; readonly servable: object };

const onnx = (name: string, options: object): Engine => ({
  name,
  from: "onnx",
  servable: { type: "onnx", ...options },
});

const savedModel = (name: string, options: object): Engine => ({
  name,
  from: "savedModel",
  servable: { type: "savedmodel", ...options },
});

/** All with one thread for an operator. */
const engines: readonly Engine[] = [
  onnx("onnxruntime ffi, inline", { engine: "ffi", dispatch: "inline" }),
  onnx("onnxruntime ffi, async", { engine: "ffi", dispatch: "async" }),
  onnx("onnxruntime ffi, auto", { engine: "ffi" }),
  onnx("onnxruntime-node's binding", { engine: "binding" }),
  savedModel("SavedModel, lowered", { engine: "onnxruntime" }),
  savedModel("libtensorflow", { engine: "libtensorflow", libtensorflow: { intraOpThreads: 1 } }),
];

export type Contenders = AsyncDisposable & {
  readonly open: readonly OpenContender[];
  readonly skipped: ReadonlyMap<string, string>;
};

/** The network on every engine that this machine has. */
export async function openEngines(network: Network, rows: number): Promise<Contenders> {
  const open: OpenContender[] = [];
  const skipped = new Map<string, string>();
  for (const { name, from, servable } of engines) {
    try {
      open.push(await modelContender(name, { path: network[from], servable }, { rows, requests: 7 }));
    } catch (error) {
      skipped.set(name, messageOf(error));
    }
  }
  const close = async () => {
    for (const contender of open) await contender[Symbol.asyncDispose]();
  };
  return { open, skipped, [Symbol.asyncDispose]: close };
}
