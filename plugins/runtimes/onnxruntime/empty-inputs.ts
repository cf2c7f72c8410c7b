import { elementCount, formatShape, invalidArgument, type Tensors } from "../../../core/index.js";
import { censusOf } from "./census.js";
import type { OrtModel } from "./session.js";

/**
 * Operators that end the process, by a signal, when what reaches them is empty: seen with onnxruntime 1.30 for TopK of no
 * rows, LSTM and GRU of an empty batch, and GRU of no steps.
 */
const deadly: ReadonlySet<string> = new Set(["GRU", "LSTM", "TopK"]);

// What is larger is taken to have such operators, and is not read for the answer.
const MAX_BYTES = 64 * 2 ** 20;

/** Refuses inputs without elements. @throws INVALID_ARGUMENT */
export type CheckEmpty = (inputs: Tensors) => void;

/** Why inputs without elements could end the process; undefined for models that they do no harm. */
export async function emptyInputsHarm(model: OrtModel): Promise<string | undefined> {
  const census = await censusOf(model, MAX_BYTES);
  const found = census && [...census.ops].filter((op) => deadly.has(op));
  if (found?.length === 0) return undefined;
  return found
    ? `it has ${found.join(", ")}, of which ONNX Runtime's ends the process when nothing reaches it`
    : "it could not be searched for operators of ONNX Runtime that would end the process";
}

/** The check that a model needs, so that no caller can end the process; undefined for models that need none. */
export async function emptyInputsCheck(model: OrtModel): Promise<CheckEmpty | undefined> {
  const because = await emptyInputsHarm(model);
  return because === undefined ? undefined : refuseEmpty(because);
}

export function refuseEmpty(because: string): CheckEmpty {
  return (inputs) => {
    for (const [name, { shape }] of Object.entries(inputs)) {
      if (elementCount(shape) > 0) continue;
      throw invalidArgument(
        `input "${name}" of shape ${formatShape(shape)} is empty, which this model cannot take: ${because}`,
      );
    }
  };
}
