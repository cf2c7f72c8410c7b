import {
  type Call,
  DEFAULT_SIGNATURE,
  failedPrecondition,
  type Host,
  type Loader,
  type LocalVersion,
  record,
  type Servable,
  type Tensors,
} from "../../../core/index.js";
import { openPool, type Pool } from "../../runtimes/threads/index.js";
import { bytesBeside, findModel } from "./files/find.js";
import type { Opened, OpenRequest, Ran, RunRequest } from "./messages.js";
import { portNamed, specOf } from "./model/ports.js";
import { buffersUnder, fromValue, toValue } from "./model/values.js";
import type { TfjsOptions } from "./options.js";

const MiB = 2 ** 20;
/** The library, its WebAssembly memory and what runs leave in it. */
const THREAD = 96 * MiB;
/** Weights lie in the file's buffer, decoded, and in the backend. */
const COPIES = 4;

async function run({ ask, opened }: Pool<Opened>, { inputs, outputs: asked, signal }: Call): Promise<Tensors> {
  const { ports } = opened;
  const outputs = asked ?? ports.outputs.map(({ name }) => name);
  const wanted = outputs.map((name) => portNamed(ports.outputs, name));
  const values = new Map(ports.inputs.map((port) => [port.name, toValue(port, inputs[port.name]!)] as const));
  const request: RunRequest = { kind: "run", inputs: values, outputs };
  const answer = await ask<Ran>(request, signal, [...values.values()].flatMap(buffersUnder));
  return record(wanted.map((port) => [port.name, fromValue(port, answer.get(port.name)!)] as const));
}

function servableOf(pool: Pool<Opened>): Servable {
  const { ports, backend, version } = pool.opened;
  const specs = (list: typeof ports.inputs) => record(list.map((port) => [port.name, specOf(port)] as const));
  return {
    signatures: { [DEFAULT_SIGNATURE]: { inputs: specs(ports.inputs), outputs: specs(ports.outputs) } },
    engine: `tfjs ${version} (${backend})`,
    run: async (call) => {
      if (call.signature === DEFAULT_SIGNATURE) return run(pool, call);
      throw failedPrecondition(`the model has one signature, ${DEFAULT_SIGNATURE}; asked for "${call.signature}"`);
    },
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}

/** Loads one version of a TensorFlow.js model, once in each of its threads. */
export function tfjsLoader(host: Host, { path, version }: LocalVersion, { backend, threads }: TfjsOptions): Loader {
  return {
    estimate: async () => ({ memory: threads * (COPIES * (await bytesBeside(await findModel(path))) + THREAD) }),
    load: async (signal) => {
      const opening: OpenRequest = { kind: "open", path: await findModel(path), backend };
      const module = new URL("./tfjs.worker.js", import.meta.url);
      const log = host.log.child({ version });
      const what = "a thread of TensorFlow.js";
      const pool = await openPool<Opened>({ module, what, size: threads, opening, log }, signal);
      for (const reason of pool.opened.passedOver) {
        log.warn({ reason }, `a faster backend of TensorFlow.js is installed and does not work: ${reason}`);
      }
      return servableOf(pool);
    },
  };
}
