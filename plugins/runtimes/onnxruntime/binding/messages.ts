import type { OrtSessionOptions, Provider } from "../options.js";
import type { OrtModel } from "../session.js";

/** What the worker is started with. */
export type WorkerSetup = {
  readonly model: OrtModel;
  readonly options: OrtSessionOptions;
  readonly provider: Provider;
};

/** An input or output as onnxruntime-node describes it: -1 for an open dimension, with its name or "". */
export type WirePort = {
  readonly name: string;
  /** onnxruntime-node's name of the element type, or "" for what is no tensor. */
  readonly type: string;
  readonly shape: readonly number[];
  readonly dimNames: readonly string[];
};

/** A tensor between the threads. Numeric data travels by transfer, strings as UTF-8. */
export type WireTensor = {
  readonly type: string;
  readonly shape: readonly number[];
  readonly data: ArrayBufferView | readonly Uint8Array[];
};

export type RunRequest = {
  readonly inputs: ReadonlyMap<string, WireTensor>;
  readonly outputs: readonly string[];
};

export type WorkerMessage =
  | { readonly kind: "opened"; readonly inputs: readonly WirePort[]; readonly outputs: readonly WirePort[] }
  | { readonly kind: "answer"; readonly outputs: ReadonlyMap<string, WireTensor> }
  /** The session could not be opened, or the run failed; in onnxruntime's words. */
  | { readonly kind: "failed"; readonly text: string };
