import { type Call, type CodeName, type Servable, type Tensors, toServingError } from "../../../core/index.js";
import type { Batch } from "./batch.js";
import { gather } from "./gather.js";
import { scatter } from "./scatter.js";

/**
 * Runs one batch as `size` rows and gives each of its tasks its rows; then says how the run ended, and of one that failed
 * the error, which is no task's yet. What leads up to the inner servable's `run` happens at once. Never throws.
 */
export function execute(
  inner: Servable,
  batch: Batch,
  size: number,
  pad: boolean,
  ended: (code: CodeName, error?: unknown) => void,
): void {
  const failed = (error: unknown) => ended(toServingError(error).code, error);
  const answered = (results: Tensors) => {
    try {
      scatter(results, batch, size);
    } catch (error) {
      return failed(error);
    }
    ended("OK");
  };
  try {
    Promise.resolve(inner.run(callOf(batch, size, pad))).then(answered, failed);
  } catch (error) {
    failed(error);
  }
}

function callOf(batch: Batch, size: number, pad: boolean): Call {
  const [first, ...others] = batch.pieces;
  if (first && others.length === 0 && first.task.rows === size && first.to - first.from === size)
    return first.task.call;
  const { signature, outputs } = batch.sample;
  const inputs = gather(batch, size, pad);
  const signal = signalOf(batch);
  return outputs ? { signature, inputs, outputs, signal } : { signature, inputs, signal };
}

/** One caller's own; of several one that is aborted when the last has gone. */
function signalOf(batch: Batch): AbortSignal {
  const { pieces } = batch;
  if (pieces.length === 1) return pieces[0]!.task.call.signal;
  batch.end = new AbortController();
  return batch.end.signal;
}
