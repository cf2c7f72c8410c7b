import {
  type Call,
  failedPrecondition,
  formatShape,
  invalidArgument,
  isServingError,
  type Logger,
  notFound,
  record,
  type Servable,
  type ServingError,
  type Signature,
  type Tensors,
} from "../../../../core/index.js";
import { type OrtSession, type OrtSessionOptions, openSession } from "../../../runtimes/onnxruntime/index.js";
import type { Compiled, CompiledSignature } from "../compile.js";
import { parseExamples } from "../parsing/parse-examples.js";

const REFUSALS = new Set(["UNIMPLEMENTED", "INVALID_ARGUMENT", "FAILED_PRECONDITION"]);

async function disposeAll(sessions: readonly OrtSession[]): Promise<void> {
  await Promise.all(sessions.map((session) => session[Symbol.asyncDispose]()));
}

/** An input of another rank than the graph was written for would be answered, but not as TensorFlow does. */
function checkRanks(inputs: Tensors, { ranks }: CompiledSignature, signature: Signature): void {
  for (const [name, rank] of Object.entries(ranks)) {
    const shape = inputs[name]?.shape;
    if (!shape || shape.length === rank) continue;
    const wanted = formatShape(signature.inputs[name]?.shape ?? null);
    throw invalidArgument(
      `input "${name}" has the shape ${formatShape(shape)}; the model's operators take ${wanted}, of rank ${rank}`,
    );
  }
}

/** The ONNX graph's inputs, by its own names. */
async function feedsOf({ inputs, parses }: CompiledSignature, call: Call): Promise<Tensors> {
  const onlyParsed = (key: string) => inputs[key] === undefined && parses.some(({ input }) => input === key);
  const feeds = Object.entries(call.inputs)
    .filter(([key]) => !onlyParsed(key))
    .map(([key, value]) => [inputs[key] ?? key, value] as const);
  for (const plan of parses) feeds.push(...(await parseExamples(plan, call.inputs[plan.input], call.signal)));
  return record(feeds);
}

/**
 * The lowered signatures on ONNX Runtime, or its refusal: an operator it has no kernel for at that dtype.
 * Signatures that compute the same share a session.
 */
export async function onnxruntimeServable(
  compiled: Compiled,
  options: OrtSessionOptions,
  log: Logger,
): Promise<{ readonly servable: Servable } | { readonly refusal: ServingError }> {
  const sessions: OrtSession[] = [];
  try {
    for (const bytes of compiled.models) sessions.push(await openSession({ bytes }, options, log));
  } catch (error) {
    await disposeAll(sessions);
    if (isServingError(error) && REFUSALS.has(error.code)) return { refusal: error };
    throw error;
  }
  const [first] = sessions;
  if (!first) throw failedPrecondition("the model has no signature");
  const { signatures, lowered } = compiled;

  const servable: Servable = {
    signatures,
    engine: `onnxruntime/${first.engine} (${first.provider})`,
    run: async (call) => {
      const [signature, plan] = [signatures[call.signature], lowered[call.signature]];
      if (!signature || !plan) throw notFound(`the model has no signature "${call.signature}"`);
      checkRanks(call.inputs, plan, signature);
      const wanted = call.outputs ?? Object.keys(signature.outputs);
      const names = wanted.map((name) => plan.outputs[name] ?? name);
      const feeds = await feedsOf(plan, call);
      const results = await sessions[plan.model]!.run(feeds, names, call.signal);
      return record(wanted.map((name, i) => [name, results[names[i]!]!] as const));
    },
    [Symbol.asyncDispose]: () => disposeAll(sessions),
  };
  return { servable };
}
