import {
  asIs,
  formatShape,
  invalidArgument,
  isServingError,
  type Logger,
  notFound,
  record,
  restoredSignatures,
  type Servable,
  type ServingError,
  type Signature,
  type Tensors,
  whenDone,
} from "../../../../core/index.js";
import {
  attachSession,
  type OrtHandle,
  type OrtModel,
  type OrtSession,
  type OrtSessionOptions,
  openSession,
} from "../../../runtimes/onnxruntime/index.js";
import type { Compiled } from "../compile.js";
import { failedCheck } from "../lowering/guards.js";
import type { Program } from "../program/program.js";
import { openProgram } from "../program/run.js";
import { answeringEmptyCalls, notingEmptyCalls } from "./empty-calls.js";

type Lowered = Pick<Compiled, "signatures" | "lowered">;

/** A lowered model, for other threads of the process. */
export type LoweredHandle = Lowered & {
  readonly engine: "onnxruntime";
  /** By the number of their model. */
  readonly sessions: ReadonlyMap<number, OrtHandle>;
};

const REFUSALS = new Set(["UNIMPLEMENTED", "INVALID_ARGUMENT", "FAILED_PRECONDITION"]);

async function disposeAll(sessions: ReadonlyMap<number, OrtSession>): Promise<void> {
  await Promise.all([...sessions.values()].map((session) => session[Symbol.asyncDispose]()));
}

/** Inputs of other ranks or smaller sizes than the graph was written for would be answered, but not as TensorFlow does. */
function checkShapes(inputs: Tensors, { ranks, least }: Program, signature: Signature): void {
  for (const name in inputs) {
    const { shape } = inputs[name]!;
    const rank = ranks[name];
    const wrong = rank !== undefined && shape.length !== rank;
    const small = least[name]?.some((size, axis) => (shape[axis] ?? size) < size);
    if (!wrong && !small) continue;
    const wanted = formatShape(signature.inputs[name]?.shape ?? null);
    throw invalidArgument(
      `input "${name}" has the shape ${formatShape(shape)}; the model's operators take ${wanted}${wrong ? "" : ", or larger"}`,
    );
  }
}

/** A check that was lowered with the graph fails as an operator of ONNX Runtime does; its text is the caller's. */
function explained(error: unknown): unknown {
  const failed = isServingError(error) ? failedCheck(error.message) : undefined;
  return failed === undefined ? error : invalidArgument(failed);
}

/** The models as the runtime takes them, with the weights that they share. */
function modelsOf({ models, weights }: Compiled): (index: number) => OrtModel {
  const group = {};
  return (index) => {
    const { bytes, weights: used } = models[index]!;
    const tensors = Object.entries(used).map(([name, place]) => ({ name, tensor: weights[place]! }));
    return tensors.length === 0 ? { bytes } : { bytes, weights: { tensors, group } };
  };
}

/**
 * The lowered signatures on ONNX Runtime, or its refusal: an operator it has no kernel for at that dtype.
 * What computes the same shares a session.
 */
export async function onnxruntimeServable(
  compiled: Compiled,
  options: OrtSessionOptions,
  log: Logger,
): Promise<{ readonly servable: Servable } | { readonly refusal: ServingError }> {
  const { lowered } = compiled;
  const modelAt = modelsOf(compiled);
  const sessions = new Map<number, OrtSession>();
  try {
    for (const { steps } of Object.values(lowered)) {
      for (const step of steps) {
        if (step.kind === "host" || sessions.has(step.model)) continue;
        const model = modelAt(step.model);
        const session = await openSession(model, options, log);
        const reopen = () => openSession(model, { ...options, graphOptimization: "basic" }, log);
        sessions.set(step.model, answeringEmptyCalls(session, reopen));
      }
    }
  } catch (error) {
    await disposeAll(sessions);
    if (isServingError(error) && REFUSALS.has(error.code)) return { refusal: error };
    throw error;
  }
  return { servable: servableOf(compiled, sessions) };
}

/** What answers runs by `sessions`, which it disposes; it has a handle where all of them have. */
function servableOf({ signatures, lowered }: Lowered, sessions: ReadonlyMap<number, OrtSession>): Servable {
  const programs = new Map(
    Object.entries(lowered).map(([name, program]) => [name, { program, run: openProgram(program, sessions) }] as const),
  );
  const [first] = sessions.values();

  const handles = [...sessions].flatMap(([model, { handle }]) => (handle ? [[model, handle] as const] : []));
  const handle: LoweredHandle = { engine: "onnxruntime", signatures, lowered, sessions: new Map(handles) };
  return {
    signatures,
    engine: first ? `onnxruntime/${first.engine} (${first.provider})` : "onnxruntime (nothing left for it to do)",
    ...(handles.length === sessions.size && { handle }),
    // Steps of our own may hand on what they were given.
    forgetsInputs:
      Object.values(lowered).every(({ steps }) => steps.length === 1 && steps[0]?.kind === "model") &&
      [...sessions.values()].every((session) => session.forgetsInputs),
    run: (call) => {
      const work = () => {
        const [signature, opened] = [signatures[call.signature], programs.get(call.signature)];
        if (!signature || !opened) throw notFound(`the model has no signature "${call.signature}"`);
        checkShapes(call.inputs, opened.program, signature);
        return opened.run(call.inputs, call.outputs ?? Object.keys(signature.outputs), call);
      };
      return whenDone(work, asIs, explained);
    },
    [Symbol.asyncDispose]: () => disposeAll(sessions),
  };
}

/** The model of another thread; `origin` runs the calls with empty tensors that its sessions as they are cannot. */
export async function attachLowered(handle: LoweredHandle, origin: Pick<Servable, "run">): Promise<Servable> {
  const failed = new WeakSet<object>();
  const opened = [...handle.sessions].map(
    async ([model, session]) => [model, notingEmptyCalls(await attachSession(session), failed)] as const,
  );
  const lowered = record(Object.entries(handle.lowered));
  const servable = servableOf(
    { signatures: restoredSignatures(handle.signatures), lowered },
    new Map(await Promise.all(opened)),
  );
  return {
    ...servable,
    run: async (call) => {
      try {
        return await servable.run(call);
      } catch (error) {
        if (typeof error !== "object" || error === null || !failed.has(error)) throw error;
        return origin.run(call);
      }
    },
  };
}
