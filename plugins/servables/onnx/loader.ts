import {
  DEFAULT_SIGNATURE,
  failedPrecondition,
  type Host,
  type Loader,
  type LocalVersion,
  type Servable,
} from "../../../core/index.js";
import {
  attachSession,
  emptyInputsHarm,
  type OrtHandle,
  type OrtSession,
  openSession,
  refuseEmpty,
} from "../../runtimes/onnxruntime/index.js";
import { findModel, sizeOf } from "./files.js";
import type { OnnxOptions } from "./options.js";

const MiB = 2 ** 20;

export type OnnxServable = Servable & Pick<OrtSession, "hiddenOutputs">;
type OnnxLoader = Omit<Loader, "load"> & { load(signal: AbortSignal): Promise<OnnxServable> };

/** Loads one version of an ONNX model. It has one signature, `serving_default`. */
export function onnxLoader(host: Host, version: LocalVersion, options: OnnxOptions): OnnxLoader {
  return {
    // While a model loads its file lies in memory beside the weights read from it; kernels then keep their own layout of
    // them. Measured on a file of 256 MiB: 1.7 times its size at the peak.
    estimate: async () => ({ memory: 2 * (await sizeOf(version.path)) + 16 * MiB }),
    load: async (signal) => {
      const path = await findModel(version.path);
      signal.throwIfAborted();
      const log = host.log.child({ version: version.version });
      const harm = await emptyInputsHarm({ path });
      const session = await openSession({ path }, options, log);
      if (signal.aborted) {
        await session[Symbol.asyncDispose]();
        signal.throwIfAborted();
      }
      for (const { name, reason } of session.hiddenOutputs) {
        log.warn({ output: name, reason }, `output ${name} is not served: it is ${reason}`);
      }
      return onnxServable(session, harm);
    },
  };
}

/** A model, for other threads of the process. */
type OnnxHandle = { readonly session: OrtHandle; readonly harm: string | undefined };

/** The model of another thread, by the handle of its servable. */
export async function attachOnnx(handle: unknown): Promise<OnnxServable> {
  const { session, harm } = handle as OnnxHandle;
  return onnxServable(await attachSession(session), harm);
}

function checkSignature(name: string): void {
  if (name === DEFAULT_SIGNATURE) return;
  throw failedPrecondition(`an ONNX model has one signature, ${DEFAULT_SIGNATURE}; asked for "${name}"`);
}

/** @param harm why inputs without elements are refused, if they are */
function onnxServable(session: OrtSession, harm?: string): OnnxServable {
  const checkEmpty = harm === undefined ? undefined : refuseEmpty(harm);
  const { inputs, outputs, hiddenOutputs, engine, provider, handle, forgetsInputs } = session;
  return {
    signatures: { [DEFAULT_SIGNATURE]: { inputs, outputs } },
    engine: `onnxruntime/${engine} (${provider})`,
    hiddenOutputs,
    forgetsInputs,
    ...(handle && { handle: { session: handle, harm } satisfies OnnxHandle }),
    run: (call) => {
      try {
        checkSignature(call.signature);
        checkEmpty?.(call.inputs);
        return session.run(call.inputs, call.outputs ?? [], call);
      } catch (error) {
        return Promise.reject(error);
      }
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}
