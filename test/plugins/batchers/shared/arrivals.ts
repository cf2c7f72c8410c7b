import fc from "fast-check";
import {
  type Call,
  isServingError,
  type MaybePromise,
  strings,
  type Tensors,
  tensor,
  texts,
} from "../../../../core/index.js";
import { assertSameTensors } from "../../../../core/testing/index.js";
import { POISON, type RowModel, rowAnswers } from "../../../../core/testing/row-model.js";

const rarely = <T, U>(arbitrary: fc.Arbitrary<T>, otherwise: U): fc.Arbitrary<T | U> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(otherwise) }, { weight: 1, arbitrary });

/** A request as it is asked at random, and what happens after it has come. */
export const arrival = fc.record({
  rows: fc.integer({ min: 0, max: 7 }),
  inner: fc.constantFrom([], [1], [1], [2], [2, 2]),
  signature: fc.constantFrom("double", "double", "triple"),
  outputs: fc.constantFrom(undefined, undefined, ["y"], ["echo", "y"]),
  priority: fc.constantFrom(undefined, "normal" as const, "low" as const),
  /** One of its rows makes every run that it is in fail. */
  poison: rarely(fc.constant(true), false),
  /** Inputs that are no rows. */
  wrong: rarely(fc.constant(true), false),
  /** Asks for the very rows of the request before it. */
  again: rarely(fc.constant(true), false),
  /** Until its deadline, ms. */
  patience: rarely(fc.nat(8), undefined),
  /** Its caller goes so many requests later. */
  leaves: rarely(fc.nat(3), undefined),
  /** So many turns of the event loop, and milliseconds, until the next comes. */
  turns: fc.nat(2),
  time: fc.nat(3),
});

export type Arrival = typeof arrival extends fc.Arbitrary<infer A> ? A : never;

/** One request that was asked, and how often it has ended. */
export type Asked = {
  readonly arrival: Arrival;
  readonly call: Call;
  readonly caller: AbortController;
  readonly tags: readonly string[];
  ends: number;
  outcome?: { readonly outputs: Tensors } | { readonly error: unknown };
};

export function ask(arrival: Arrival, i: number, before: Asked | undefined, now: number): Asked {
  const { rows, inner, signature, outputs, priority, patience, poison, wrong, again } = arrival;
  const shape = [rows, ...inner];
  const x = Float32Array.from({ length: shape.reduce((count, size) => count * size, 1) }, (_, at) => 100 * i + at);
  const tag = strings(Array.from({ length: rows }, (_, row) => `${poison ? POISON : "row"} ${i}.${row}`));
  const own = { x: tensor("float32", shape, x), tag: wrong ? strings([`no row ${i}`, `nor ${i}`], [1, 2]) : tag };
  const inputs = (again && before?.call.inputs) || own;
  const caller = new AbortController();
  const call: Call = {
    signature,
    inputs,
    signal: caller.signal,
    ...(outputs && { outputs }),
    ...(priority && { priority }),
    ...(patience !== undefined && { deadline: now + patience }),
  };
  return { arrival, call, caller, tags: texts(inputs.tag!), ends: 0 };
}

export function listen(asked: Asked, run: MaybePromise<Tensors>): void {
  Promise.resolve(run).then(
    (outputs) => Object.assign(asked, { ends: asked.ends + 1, outcome: { outputs } }),
    (error) => Object.assign(asked, { ends: asked.ends + 1, outcome: { error } }),
  );
}

/** Answered as without batching, or refused for a reason that it had. @throws Error that says which */
export function check({ call, caller, tags, outcome }: Asked, maxRows: number): void {
  if (!outcome) throw new Error(`the request of [${tags}] has not ended`);
  if ("outputs" in outcome) {
    assertSameTensors(outcome.outputs, rowAnswers(call));
    return;
  }
  const { error } = outcome;
  if (!isServingError(error)) throw error;
  const { x, tag } = call.inputs;
  const reasons: Readonly<Record<string, boolean>> = {
    CANCELLED: caller.signal.aborted,
    UNAVAILABLE: /queue.*is full/.test(error.message),
    INVALID_ARGUMENT:
      (x?.shape[0] ?? 0) > maxRows ||
      x?.shape[0] !== tag?.shape[0] ||
      tag?.shape.length !== 1 ||
      tags.some((tag) => tag.startsWith(POISON)),
    DEADLINE_EXCEEDED: call.deadline !== undefined,
    RESOURCE_EXHAUSTED: call.deadline !== undefined,
  };
  if (!reasons[error.code]) throw error;
}

/** How often the model answered for each row of those that had an answer: for each request once, unless it is shared. */
export function checkRuns(asked: readonly Asked[], model: Pick<RowModel, "runs">, shared: boolean): void {
  const count = new Map<string, number>();
  for (const { outcome, tags } of asked) {
    if (outcome && "outputs" in outcome) for (const tag of tags) count.set(tag, (count.get(tag) ?? 0) + 1);
  }
  const answered = model.runs.filter(({ state }) => state === "answered");
  for (const [tag, wanted] of count) {
    const callers = asked.filter(({ tags }) => tags.includes(tag)).length;
    // A batch is padded with rows of its own, so that it is the runs that are counted.
    const runs = answered.filter(({ tags }) => tags.includes(tag)).length;
    const least = callers > 1 ? 1 : wanted;
    if (runs < least || runs > callers || (shared && runs > wanted && callers === 1)) {
      throw new Error(`the row ${tag} ran ${runs} times for ${callers} requests, of which ${wanted} were answered`);
    }
  }
}
