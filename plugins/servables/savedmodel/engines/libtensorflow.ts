import { type Logger, notFound, record, type Servable } from "../../../../core/index.js";
import { findLibrary, openSavedModel, type TfSessionOptions } from "../../../runtimes/libtensorflow/index.js";
import type { Compiled } from "../compile.js";
import { checkSessionRun } from "../session-nodes.js";

/** All signatures on TensorFlow itself. */
export async function tensorflowServable(
  dir: string,
  { signatures, nodes = [] }: Pick<Compiled, "signatures" | "nodes">,
  options: TfSessionOptions,
  log: Logger,
): Promise<Servable> {
  const served = new Set(nodes);
  const session = await openSavedModel(dir, options, log);
  const library = await findLibrary();
  const version = "found" in library ? ` ${library.found.version}` : "";
  return {
    signatures,
    engine: `libtensorflow${version}`,
    run: async ({ signature: name, inputs, outputs, signal }) => {
      const signature = signatures[name];
      if (!signature) throw notFound(`the model has no signature "${name}"`);
      const feeds = record(
        Object.entries(inputs).map(([key, value]) => [signature.inputs[key]?.name ?? key, value] as const),
      );
      const wanted = outputs ?? Object.keys(signature.outputs);
      const fetches = wanted.map((key) => signature.outputs[key]?.name ?? key);
      const results = await session.run(feeds, fetches, signal);
      return record(wanted.map((key, i) => [key, results[i]!] as const));
    },
    runSession: async (run) => {
      checkSessionRun(run, served);
      return session.run(run.feeds, run.fetches, run.signal, run.targets);
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}
