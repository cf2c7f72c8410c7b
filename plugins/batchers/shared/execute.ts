import {
  type Call,
  type CodeName,
  failedPrecondition,
  record,
  type Servable,
  type Tensor,
  type Tensors,
  toServingError,
} from "../../../core/index.js";
import { commonShape, padInner } from "./pad.js";
import { sliceRows, stackRows } from "./rows.js";
import type { Rules } from "./rules.js";
import type { Piece } from "./task.js";

/** Runs one batch and gives each of its tasks its rows, or all of them the error; with the code of the run. Never rejects. */
export async function execute(
  inner: Servable,
  pieces: readonly Piece[],
  rules: Rules,
  signal: AbortSignal,
): Promise<CodeName> {
  try {
    const size = paddedSize(rowsIn(pieces), rules.sizes);
    const { signature, outputs } = pieces[0]!.task.call;
    const call: Call = { signature, inputs: inputsOf(pieces, size), signal };
    const results = await inner.run(outputs ? { ...call, outputs } : call);
    checkOutputs(results, size);
    let at = 0;
    for (const { task, part, from, to } of pieces) {
      const [start, stop] = [at, at + to - from];
      at = stop;
      task.give(part, record(Object.entries(results).map(([name, each]) => [name, sliceRows(each, start, stop)])));
    }
    return "OK";
  } catch (error) {
    for (const { task } of pieces) task.fail(error);
    return toServingError(error).code;
  }
}

export const rowsIn = (pieces: readonly Piece[]): number => pieces.reduce((sum, { from, to }) => sum + to - from, 0);

/** Without rows there is none to repeat. */
export function paddedSize(rows: number, sizes: readonly number[]): number {
  return rows === 0 ? 0 : (sizes.find((size) => size >= rows) ?? rows);
}

function inputsOf(pieces: readonly Piece[], size: number): Tensors {
  return record(
    Object.keys(pieces[0]!.task.call.inputs).map((name) => {
      const tensors = pieces.map(({ task, from, to }) => sliceRows(task.call.inputs[name] as Tensor, from, to));
      const inner = commonShape(tensors);
      return [
        name,
        stackRows(
          tensors.map((each) => padInner(each, inner)),
          size,
        ),
      ];
    }),
  );
}

/** @throws FAILED_PRECONDITION with TensorFlow Serving's text for outputs that are not rows, one for each of the inputs */
function checkOutputs(outputs: Tensors, size: number): void {
  for (const { shape } of Object.values(outputs)) {
    if (shape.length === 0) throw failedPrecondition("Batched output tensor has 0 dimensions");
    if (shape[0] === size) continue;
    throw failedPrecondition(
      "Batched output tensor's 0th dimension does not equal the sum of the 0th dimension sizes of the input tensors",
    );
  }
}
