import {
  abortError,
  type Call,
  formatShape,
  invalidArgument,
  type Lease,
  type Logger,
  record,
  ServingError,
  type Signature,
  shapeFits,
  type Tensor,
  type Tensors,
  toServingError,
} from "../../../core/index.js";
import { type Ref, refOf } from "./graph.js";
import type { Plan, PlannedStep } from "./plan.js";

type Run = {
  readonly plan: Plan;
  /** The outputs that may be asked for, and what each is. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Nothing for a step that is optional and cannot be reached. */
  readonly leaseOf: (step: string) => Lease | undefined;
  readonly log: Logger;
};

/**
 * Runs the steps that the wanted outputs need, each as soon as what it needs is there. The first failure ends the others.
 * @throws ServingError with the code of its cause, naming the step
 */
export async function runPlan({ plan, outputs, leaseOf, log }: Run, call: Call): Promise<Tensors> {
  const { inputs, deadline, priority } = call;
  const stop = new AbortController();
  const abort = () => stop.abort(call.signal.reason);
  const { signal } = stop;
  const answers = new Map<string, Promise<Tensors>>();

  function answerOf(name: string): Promise<Tensors> {
    const known = answers.get(name);
    if (known) return known;
    const step = plan.steps.get(name) as PlannedStep;
    const answer = runStep(step);
    answers.set(name, answer);
    // Another failure may have ended the request before anybody waits for this one.
    answer.catch(() => stop.abort());
    return answer;
  }

  const tensorOf = async ({ step, name }: Ref): Promise<Tensor | undefined> =>
    step === undefined ? inputs[name] : (await answerOf(step))[name];

  async function runStep(step: PlannedStep): Promise<Tensors> {
    const fed: Record<string, Tensor> = record(Object.entries(step.constants));
    await Promise.all(
      step.feeds.map(async ([input, from]) => {
        const value = await tensorOf(from);
        if (value) fed[input] = value;
      }),
    );
    const lease = leaseOf(step.name);
    if (!lease) return standIns(step);
    try {
      checkShapes(fed, lease.signatures[step.signature]);
      return await lease.predict(step.signature, fed, { outputs: step.wanted, signal, deadline, priority });
    } catch (error) {
      if (call.signal.aborted) throw abortError(call.signal);
      const { code, message } = toServingError(error);
      const text = `step "${step.name}", ${lease.model} ${lease.version}: ${message}`;
      // What the request is at fault for is told to who sent it: defaults would hide it, for all rows of the request.
      const mayStandIn = step.fallbacks.size > 0 && code !== "INVALID_ARGUMENT";
      if (!mayStandIn || signal.aborted) throw new ServingError(code, text, { cause: error });
      log.debug({ step: step.name, code }, `${text}; its defaults stand in`);
      return standIns(step);
    }
  }

  async function standIns({ fallbacks }: PlannedStep): Promise<Tensors> {
    const made = [...fallbacks].map(async ([output, { make, rows }]) => {
      const like = rows && (await tensorOf(rows));
      return [output, make(like ? (like.shape[0] ?? 1) : 0)] as const;
    });
    return record(await Promise.all(made));
  }

  if (call.signal.aborted) throw abortError(call.signal);
  call.signal.addEventListener("abort", abort, { once: true });
  try {
    const names = call.outputs ?? Object.keys(outputs);
    const values = names.map(async (name) => [name, await tensorOf(refOf(outputs[name] ?? ""))] as const);
    const answer: Record<string, Tensor> = record();
    for (const [name, value] of await Promise.all(values)) if (value) answer[name] = value;
    return answer;
  } finally {
    call.signal.removeEventListener("abort", abort);
  }
}

/**
 * What could not be told from the models' signatures, such as the width of an embedding, shows when it is there.
 * @throws INVALID_ARGUMENT
 */
function checkShapes(fed: Tensors, signature: Signature | undefined): void {
  for (const [name, { shape }] of Object.entries(fed)) {
    const wanted = signature?.inputs[name]?.shape ?? null;
    if (shapeFits(shape, wanted)) continue;
    throw invalidArgument(
      `input "${name}" has the shape ${formatShape(shape)}, the signature says ${formatShape(wanted)}`,
    );
  }
}
