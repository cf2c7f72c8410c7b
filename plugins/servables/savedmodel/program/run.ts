import {
  type Caller,
  invalidArgument,
  type MaybePromise,
  record,
  type Tensor,
  type Tensors,
  whenDone,
} from "../../../../core/index.js";
import type { OrtSession } from "../../../runtimes/onnxruntime/index.js";
import type { Kernel } from "../steps/host-op.js";
import { openHostOp } from "../steps/host-ops.js";
import { createPace, type Pace } from "../steps/pace.js";
import type { HostStep, ModelStep, Program } from "./program.js";

/** Runs a signature for the outputs of these names. */
export type Runner = (inputs: Tensors, wanted: readonly string[], caller: Caller) => MaybePromise<Tensors>;

type Values = Map<string, Tensor>;
type OpenModel = { readonly step: ModelStep; readonly session: OrtSession };
type OpenHost = { readonly step: HostStep; readonly kernel: Kernel };
type OpenStep = OpenModel | OpenHost;

/** A program that is one model gets its inputs and gives its outputs without more ado. */
function runModel({ inputs, outputs }: Program, step: ModelStep, session: OrtSession): Runner {
  const inverse = (names: Readonly<Record<string, string>>) =>
    new Map(Object.entries(names).map(([onnx, value]) => [value, onnx] as const));
  const [taken, given] = [inverse(step.inputs), inverse(step.outputs)];
  const feed = new Map(Object.entries(inputs).map(([key, value]) => [key, taken.get(value) ?? key] as const));
  const fetch = new Map(Object.entries(outputs).map(([key, value]) => [key, given.get(value) ?? key] as const));
  const same = [...feed, ...fetch].every(([key, name]) => key === name);
  if (same) return (tensors, wanted, caller) => session.run(tensors, wanted, caller);
  return (tensors, wanted, caller) => {
    const feeds = record(Object.keys(tensors).map((key) => [feed.get(key) ?? key, tensors[key]!] as const));
    const names = wanted.map((key) => fetch.get(key) ?? key);
    return whenDone(
      () => session.run(feeds, names, caller),
      (results) => record(wanted.map((key, i) => [key, results[names[i]!]!] as const)),
    );
  };
}

const madeBy = ({ step }: OpenStep) => (step.kind === "host" ? step.outputs : Object.values(step.outputs));
const usedBy = ({ step }: OpenStep) => (step.kind === "host" ? step.inputs : Object.values(step.inputs));

/** The steps that these values take, in order, and all values that are used on the way. */
function neededFor(values: readonly string[], steps: readonly OpenStep[]) {
  const names = new Set(values);
  const needed = steps.toReversed().filter((step) => {
    if (!madeBy(step).some((name) => names.has(name))) return false;
    for (const name of usedBy(step)) names.add(name);
    return true;
  });
  return { needed: needed.reverse(), names };
}

/** The values that are the same at every call, computed at the first. */
function knownValues({ constants, once }: Program): () => Promise<Values> {
  let known: Promise<Values> | undefined;
  const compute = async () => {
    const values: Values = new Map(Object.entries(constants));
    // No call's signal: the next one uses them, too.
    const pace = createPace(new AbortController().signal);
    const names = new Set(once.flatMap((step) => step.outputs));
    for (const step of once) await runHost({ step, kernel: openHostOp(step.op, step.attributes) }, values, names, pace);
    return values;
  };
  return () => {
    known ??= compute();
    return known;
  };
}

/**
 * Makes a program ready to run on the sessions of its models, which are by their number.
 * The event loop turns while host steps work; between steps the signal is looked at.
 */
export function openProgram(program: Program, sessions: ReadonlyMap<number, OrtSession>): Runner {
  const steps = program.steps.map((step): OpenStep => {
    if (step.kind === "host") return { step, kernel: openHostOp(step.op, step.attributes) };
    return { step, session: sessions.get(step.model)! };
  });
  const [only] = steps;
  if (steps.length === 1 && only && "session" in only) return runModel(program, only.step, only.session);

  const known = knownValues(program);
  return async (inputs, wanted, { signal }) => {
    const values = new Map(await known());
    const outputs = wanted.map((key) => program.outputs[key] ?? key);
    const { needed, names } = neededFor(outputs, steps);
    for (const [key, name] of Object.entries(program.inputs)) {
      const given = inputs[key];
      if (given) values.set(name, given);
      else if (names.has(name)) throw invalidArgument(`input "${key}" is missing`);
    }
    const pace = createPace(signal);
    for (const open of needed) {
      pace.check();
      if ("kernel" in open) await runHost(open, values, names, pace);
      else await runPiece(open, values, names, signal);
    }
    return record(wanted.map((key, i) => [key, values.get(outputs[i]!)!] as const));
  };
}

async function runHost(
  { step, kernel }: OpenHost,
  values: Values,
  names: ReadonlySet<string>,
  pace: Pace,
): Promise<void> {
  const inputs = step.inputs.map((name) => values.get(name)!);
  const results = await kernel(
    inputs,
    pace,
    step.outputs.map((name) => names.has(name)),
  );
  for (const [i, name] of step.outputs.entries()) {
    const result = results[i];
    if (name !== "" && result) values.set(name, result);
  }
}

async function runPiece(
  { step, session }: OpenModel,
  values: Values,
  names: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<void> {
  const feeds = Object.entries(step.inputs).map(([onnx, value]) => [onnx, values.get(value)!] as const);
  const fetches = Object.entries(step.outputs).filter(([, value]) => names.has(value));
  const results = await session.run(
    record(feeds),
    fetches.map(([onnx]) => onnx),
    { signal },
  );
  for (const [onnx, value] of fetches) values.set(value, results[onnx]!);
}
