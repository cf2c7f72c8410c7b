import { internal, invalidArgument, isServingError, ServingError, type Tensors } from "../../../../core/index.js";
import { RowError } from "../ops/op.js";
import { rowsOf, sliceOf } from "./inputs.js";
import { type Program, type ProgramStep, runSlice } from "./program.js";
import { createResults } from "./results.js";
import { turns } from "./turns.js";

/** Milliseconds that a slice is meant to take: what can go wrong with the guess stays near the budget of a turn. */
const SLICE = 1;
const FIRST_ROWS = 16;
const MOST_ROWS = 16_384;

/** Rows for the next slice, by how long the last one took. */
function nextRows(rows: number, took: number): number {
  const wanted = (rows * SLICE) / Math.max(took, 0.001);
  return Math.round(Math.min(MOST_ROWS, rows * 4, Math.max(1, wanted)));
}

function check(signal: AbortSignal): void {
  if (!signal.aborted) return;
  const { reason } = signal;
  throw isServingError(reason) ? reason : new ServingError("CANCELLED", "the request was cancelled", { cause: reason });
}

const inRow = (first: number) => (step: ProgramStep, error: unknown) => {
  if (isServingError(error)) return error;
  if (error instanceof RowError)
    return invalidArgument(`${step.name}, row ${first + error.row}: ${error.message}`, error);
  return internal(`${step.name} failed; the server's log has the details`, error);
};

/**
 * Runs programs on batches of any size, slice by slice, so that no turn of the event loop takes long. How many rows a slice
 * has is learnt from one to the next, and kept for the next request.
 */
export function createSlicer() {
  let learnt = FIRST_ROWS;
  return async (program: Program, inputs: Tensors, signal: AbortSignal): Promise<Tensors> => {
    const rows = rowsOf(program.inputs, inputs);
    const results = createResults(program.outputs, rows);
    const most = program.steps.some(({ waits }) => waits) ? FIRST_ROWS : MOST_ROWS;
    let at = 0;
    do {
      await turns.ready();
      check(signal);
      const count = Math.min(rows - at, learnt, most);
      const columns = program.inputs.map(({ name, type }) => sliceOf(inputs[name]!, type, at, count));
      let took = 0;
      const spend = (milliseconds: number) => {
        took += milliseconds;
        turns.spend(milliseconds);
      };
      const pace = (work: () => void) => {
        const since = performance.now();
        work();
        turns.spend(performance.now() - since);
        check(signal);
        return turns.ready();
      };
      results.add(await runSlice(program, columns, count, { pace, spend }, inRow(at)), at);
      if (count === learnt || took > SLICE) learnt = nextRows(Math.max(1, count), took);
      at += count;
    } while (at < rows);
    return results.tensors();
  };
}
