import {
  abortError,
  bytesOf,
  type Call,
  isGone,
  isServingError,
  type MaybePromise,
  offGone,
  onGone,
  type Tensor,
  type Tensors,
} from "../../../core/index.js";
import { nothingDiffers, sameQueue, sameShapes } from "./kind.js";

type Run = (call: Call) => MaybePromise<Tensors>;

type Execution = {
  readonly call: Call;
  readonly answer: Promise<Tensors>;
  readonly end: AbortController;
  callers: number;
  /** The latest of its callers' deadlines. */
  deadline: number;
};

/** Bytes of each tensor that make up its hash; which are equal is found out by comparing all. */
const SAMPLES = 32;

/**
 * `run`, but made once for calls that are equal byte by byte while the first of them is under way. Each caller gets the
 * same tensors, ends for itself when its signal aborts, and the execution is aborted when the last has gone.
 */
export function sharing(run: Run): Run {
  const executions = new Map<number, Execution[]>();

  function begin(call: Call, hash: number): Execution {
    const end = new AbortController();
    const deadline = call.deadline ?? Number.POSITIVE_INFINITY;
    const { signature, inputs, outputs, priority } = call;
    const own = {
      signature,
      inputs,
      ...(outputs && { outputs }),
      priority,
      signal: end.signal,
      // Asked for again when its batch begins; by then there may be callers with more time.
      get deadline() {
        return execution.deadline;
      },
    };
    const execution: Execution = { call, answer: undefined as never, end, callers: 0, deadline };
    const started = Object.assign(execution, { answer: Promise.resolve(run(own)) });
    const kin = executions.get(hash) ?? [];
    executions.set(hash, kin);
    kin.push(started);
    const remove = () => {
      kin.splice(kin.indexOf(started), 1);
      if (kin.length === 0) executions.delete(hash);
    };
    started.answer.then(remove, remove);
    return started;
  }

  function shared(call: Call): Promise<Tensors> {
    if (isGone(call)) return Promise.reject(abortError(call.signal));
    const hash = hashOf(call.inputs);
    const same = executions.get(hash)?.find((each) => mayJoin(each, call) && isEqual(each.call, call));
    const execution = same ?? begin(call, hash);
    execution.callers++;
    execution.deadline = Math.max(execution.deadline, call.deadline ?? Number.POSITIVE_INFINITY);
    return new Promise((resolve, reject) => {
      const leave = () => {
        reject(abortError(call.signal));
        execution.callers--;
        if (execution.callers === 0) execution.end.abort(call.signal.reason);
      };
      onGone(call, leave);
      const stay = () => offGone(call, leave);
      execution.answer.then(
        (outputs) => {
          stay();
          resolve(outputs);
        },
        (error) => {
          stay();
          // A deadline that only others had is no reason to refuse this one.
          if (!isGone(call) && refusedForAnother(error, execution.call, call)) resolve(shared(call));
          else reject(error);
        },
      );
    });
  }
  return shared;
}

function refusedForAnother(error: unknown, first: Call, { deadline = Number.POSITIVE_INFINITY }: Call): boolean {
  const late = isServingError(error) && error.code === "DEADLINE_EXCEEDED";
  return late && deadline > (first.deadline ?? Number.POSITIVE_INFINITY);
}

/** Whoever is more urgent than those who came before must not wait as they may. */
function mayJoin({ call, callers }: Execution, { deadline = Number.POSITIVE_INFINITY, priority }: Call): boolean {
  if (callers === 0) return false;
  if (call.priority === "low" && priority !== "low") return false;
  return deadline >= (call.deadline ?? Number.POSITIVE_INFINITY);
}

function isEqual(a: Call, b: Call): boolean {
  if (!sameQueue(a, b) || !sameShapes(a, b, nothingDiffers)) return false;
  for (const name in a.inputs) if (!sameData(a.inputs[name]!, b.inputs[name]!)) return false;
  return true;
}

function sameData(a: Tensor, b: Tensor): boolean {
  if (a.shape[0] !== b.shape[0] || a.data.length !== b.data.length) return false;
  if (a.dtype !== "string") return Buffer.compare(bytesOf(a.data), bytesOf(b.data as typeof a.data)) === 0;
  return a.data.every((item, i) => Buffer.compare(item, b.data[i] as Uint8Array) === 0);
}

function hashOf(inputs: Tensors): number {
  let hash = 0;
  const add = (value: number) => {
    hash = (Math.imul(hash, 31) + value) | 0;
  };
  for (const name in inputs) {
    const { dtype, data } = inputs[name]!;
    add(data.length);
    const bytes = dtype === "string" ? (data[data.length >> 1] ?? new Uint8Array()) : bytesOf(data);
    // Odd, so as to come by all bytes of an element: the low ones of small numbers are all zero.
    const stride = Math.floor(bytes.length / SAMPLES) | 1;
    for (let at = 0; at < bytes.length; at += stride) add(bytes[at]!);
  }
  return hash;
}
