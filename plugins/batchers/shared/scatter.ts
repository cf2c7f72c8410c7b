import { failedPrecondition, internal, type Tensor, type Tensors } from "../../../core/index.js";
import type { Batch } from "./batch.js";
import { sliceRows } from "./rows.js";
import { give } from "./task.js";

/** Gives each task of a batch its rows of the results, as views. @throws as `checkOutputs` */
export function scatter(results: Tensors, { pieces }: Batch, size: number): void {
  checkOutputs(results, size);
  let at = 0;
  for (const piece of pieces) {
    const end = at + piece.to - piece.from;
    const own: Record<string, Tensor> = Object.create(null);
    for (const name in results) own[name] = sliceRows(results[name]!, at, end);
    at = end;
    give(piece, own);
  }
}

/** @throws INTERNAL for no outputs; FAILED_PRECONDITION with TensorFlow Serving's text for outputs that are not rows, one for each of the inputs */
export function checkOutputs(outputs: Tensors, size: number): void {
  if (typeof outputs !== "object" || outputs === null) throw internal("the servable gave no outputs");
  for (const name in outputs) {
    const { shape } = outputs[name]!;
    if (shape.length === 0) throw failedPrecondition("Batched output tensor has 0 dimensions");
    if (shape[0] === size) continue;
    throw failedPrecondition(
      "Batched output tensor's 0th dimension does not equal the sum of the 0th dimension sizes of the input tensors",
    );
  }
}
