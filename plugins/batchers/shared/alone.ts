import {
  abortError,
  type Call,
  type CodeName,
  isPending,
  type MaybePromise,
  offGone,
  onGone,
  type Servable,
  type Tensors,
  toServingError,
} from "../../../core/index.js";
import { checkOutputs } from "./scatter.js";

/** Hears, once each, that the caller has gone or was answered, and that the run is over, in either order. */
export type AloneHouse = {
  left(): void;
  ended(code: CodeName): void;
};

/**
 * Runs one call as a batch of its own, rows and outputs as they are. It does what `execute` does for many, with no more
 * objects than it must: this is what batching costs where nobody else asks. @throws never, but by a promise
 */
export function runAlone(inner: Servable, call: Call, rows: number, house: AloneHouse): MaybePromise<Tensors> {
  try {
    const answer = inner.run(call);
    if (isPending(answer)) return whileWaitedFor(answer, call, rows, house);
    checkOutputs(answer, rows);
    house.left();
    house.ended("OK");
    return answer;
  } catch (error) {
    house.left();
    house.ended(toServingError(error).code);
    return Promise.reject(error);
  }
}

function whileWaitedFor(
  answer: Promise<Tensors>,
  call: Call,
  rows: number,
  { left, ended }: AloneHouse,
): Promise<Tensors> {
  return new Promise((resolve, reject) => {
    let waits = true;
    const leave = () => {
      waits = false;
      offGone(call, gone);
      left();
    };
    const gone = () => {
      leave();
      reject(abortError(call.signal));
    };
    const failed = (error: unknown) => {
      if (waits) {
        leave();
        reject(error);
      }
      ended(toServingError(error).code);
    };
    const answered = (outputs: Tensors) => {
      try {
        checkOutputs(outputs, rows);
      } catch (error) {
        return failed(error);
      }
      if (waits) {
        leave();
        resolve(outputs);
      }
      ended("OK");
    };
    onGone(call, gone);
    answer.then(answered, failed);
  });
}
