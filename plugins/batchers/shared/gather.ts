import type { Tensor, Tensors } from "../../../core/index.js";
import type { Batch } from "./batch.js";
import { commonShape, padInner } from "./pad.js";
import { sliceRows, stackRows } from "./rows.js";

/** The inputs of all of a batch, one after the other, as `size` rows. With `pad` other dimensions grow to the largest. */
export function gather({ sample, pieces }: Batch, size: number, pad: boolean): Tensors {
  const inputs: Record<string, Tensor> = Object.create(null);
  for (const name in sample.inputs) {
    const tensors = pieces.map(({ task, from, to }) => sliceRows(task.call.inputs[name]!, from, to));
    inputs[name] = stackRows(pad ? padded(tensors) : tensors, size);
  }
  return inputs;
}

function padded(tensors: readonly Tensor[]): readonly Tensor[] {
  const inner = commonShape(tensors);
  return tensors.map((each) => padInner(each, inner));
}
