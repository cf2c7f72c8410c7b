import {
  abortError,
  type Call,
  type CodeName,
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
 * objects than it must: this is what batching costs where nobody else asks.
 */
export function runAlone(inner: Servable, call: Call, rows: number, { left, ended }: AloneHouse): Promise<Tensors> {
  const { signal } = call;
  return new Promise((resolve, reject) => {
    let waits = true;
    const leave = () => {
      waits = false;
      signal.removeEventListener("abort", abort);
      left();
    };
    const abort = () => {
      leave();
      reject(abortError(signal));
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
    signal.addEventListener("abort", abort);
    try {
      Promise.resolve(inner.run(call)).then(answered, failed);
    } catch (error) {
      failed(error);
    }
  });
}
