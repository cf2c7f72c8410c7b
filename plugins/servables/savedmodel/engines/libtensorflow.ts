import { type Logger, notFound, record, restoredSignatures, type Servable } from "../../../../core/index.js";
import {
  attachSavedModel,
  findLibrary,
  openSavedModel,
  type TfHandle,
  type TfSession,
  type TfSessionOptions,
} from "../../../runtimes/libtensorflow/index.js";
import type { Compiled } from "../compile.js";
import { checkSessionRun } from "../session-nodes.js";

type Described = Pick<Compiled, "signatures" | "nodes">;

/** A model on TensorFlow, for other threads of the process. */
export type TensorflowHandle = Described & { readonly engine: "libtensorflow"; readonly session: TfHandle };

/** All signatures on TensorFlow itself. */
export async function tensorflowServable(
  dir: string,
  compiled: Described,
  options: TfSessionOptions,
  log: Logger,
): Promise<Servable> {
  return servableOf(await openSavedModel(dir, options, log), compiled);
}

/** The model of another thread. */
export async function attachTensorflow({ session, signatures, nodes }: TensorflowHandle): Promise<Servable> {
  const described = { signatures: restoredSignatures(signatures), ...(nodes && { nodes }) };
  return servableOf(await attachSavedModel(session), described);
}

async function servableOf(session: TfSession, { signatures, nodes = [] }: Described): Promise<Servable> {
  const served = new Set(nodes);
  const handle: TensorflowHandle = { engine: "libtensorflow", signatures, nodes, session: session.handle };
  const library = await findLibrary();
  const version = "found" in library ? ` ${library.found.version}` : "";
  return {
    signatures,
    engine: `libtensorflow${version}`,
    // They are copied into its own memory.
    forgetsInputs: true,
    handle,
    run: async (call) => {
      const { signature: name, inputs, outputs } = call;
      const signature = signatures[name];
      if (!signature) throw notFound(`the model has no signature "${name}"`);
      const feeds = record(
        Object.entries(inputs).map(([key, value]) => [signature.inputs[key]?.name ?? key, value] as const),
      );
      const wanted = outputs ?? Object.keys(signature.outputs);
      const fetches = wanted.map((key) => signature.outputs[key]?.name ?? key);
      const results = await session.run(feeds, fetches, call);
      return record(wanted.map((key, i) => [key, results[i]!] as const));
    },
    runSession: async (run) => {
      checkSessionRun(run, served);
      return session.run(run.feeds, run.fetches, run, run.targets);
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}
