import { parentPort, workerData } from "node:worker_threads";
import type { InferenceSession, OnnxValue, Tensor } from "onnxruntime-node";
import type { RunRequest, WirePort, WireTensor, WorkerMessage, WorkerSetup } from "./messages.js";

// Where it exists, onnxruntime-node makes float16 tensors of it that its native part then refuses. In this thread nobody
// else needs it.
Reflect.deleteProperty(globalThis, "Float16Array");

const { env, InferenceSession: Session, Tensor: OrtTensor } = await import("onnxruntime-node");
const { model, options, provider } = workerData as WorkerSetup;
const port = parentPort!;
env.logLevel = "fatal";

const decoder = new TextDecoder();
const encoder = new TextEncoder();

const levels = { none: "disabled", basic: "basic", extended: "extended", all: "all" } as const;

function sessionOptions(): InferenceSession.SessionOptions {
  return {
    intraOpNumThreads: options.intraOpThreads,
    interOpNumThreads: options.interOpThreads,
    executionMode: options.interOpThreads === 1 ? "sequential" : "parallel",
    graphOptimizationLevel: levels[options.graphOptimization],
    executionProviders: [provider],
    logSeverityLevel: 4,
    extra: { session: { intra_op: { allow_spinning: "0" }, inter_op: { allow_spinning: "0" } } },
  };
}

const describe = (ports: readonly InferenceSession.ValueMetadata[]): WirePort[] =>
  ports.map((port) => ({
    name: port.name,
    type: port.isTensor ? port.type : "",
    shape: port.isTensor ? port.shape.map((size) => (typeof size === "number" ? size : -1)) : [],
    dimNames: port.isTensor ? port.shape.map((size) => (typeof size === "number" ? "" : size)) : [],
  }));

function toOrt({ type, shape, data }: WireTensor): Tensor {
  const content = type === "string" ? (data as Uint8Array[]).map((item) => decoder.decode(item)) : data;
  return new OrtTensor(type as "float32", content as Float32Array, shape);
}

function fromOrt(value: OnnxValue, transfer: ArrayBuffer[]): WireTensor {
  const { type, dims, data } = value as Tensor;
  if (type === "string") {
    return { type, shape: dims, data: (data as string[]).map((text) => encoder.encode(text)) };
  }
  // The runtime's own memory must not leave the thread.
  const copy = (data as Float32Array).slice();
  transfer.push(copy.buffer as ArrayBuffer);
  return { type, shape: dims, data: copy };
}

const post = (message: WorkerMessage, transfer: readonly ArrayBuffer[] = []) => port.postMessage(message, transfer);
const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

async function run(session: InferenceSession, { inputs, outputs }: RunRequest): Promise<void> {
  const feeds: Record<string, OnnxValue> = Object.create(null);
  for (const [name, tensor] of inputs) feeds[name] = toOrt(tensor);
  const results = await session.run(feeds, outputs);
  const transfer: ArrayBuffer[] = [];
  const answer = new Map(outputs.map((name) => [name, fromOrt(results[name]!, transfer)]));
  post({ kind: "answer", outputs: answer }, transfer);
}

try {
  const session = await ("path" in model
    ? Session.create(model.path, sessionOptions())
    : Session.create(model.bytes, sessionOptions()));
  port.on("message", (request: RunRequest | "close") => {
    if (request === "close") {
      session.release().finally(() => port.close());
      return;
    }
    run(session, request).catch((error: unknown) => post({ kind: "failed", text: textOf(error) }));
  });
  post({ kind: "opened", inputs: describe(session.inputMetadata), outputs: describe(session.outputMetadata) });
} catch (error) {
  post({ kind: "failed", text: textOf(error) });
  port.close();
}
