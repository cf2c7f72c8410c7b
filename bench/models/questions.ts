import { type Tensors, tensor } from "salver";
import { openModel } from "../harness/models.js";
import type { Question } from "../harness/question.js";
import { requestsFor } from "../harness/requests.js";
import type { Network } from "./catalogue.js";

/** A question of some rows for each network and batch size asked for, answered in this process. */
export async function questionsOf(
  { name, onnx }: Network,
  batches: readonly number[],
): Promise<Readonly<Record<number, Question>>> {
  const model = await openModel({ path: onnx });
  try {
    const { signatures } = model.lease;
    const signature = signatures.serving_default ?? Object.values(signatures)[0]!;
    const questions: Record<number, Question> = {};
    for (const rows of batches) {
      const inputs = requestsFor(signature, { requests: 1, rows })[0]!;
      questions[rows] = { model: name, inputs, expected: copied(await model.run(inputs)) };
    }
    return questions;
  } finally {
    await model[Symbol.asyncDispose]();
  }
}

/** Answers may be views of memory that the runtime uses again. */
const copied = (tensors: Tensors): Tensors => structuredClone(tensors);

const x = tensor("float32", [1], Float32Array.of(1));
export const noopQuestion: Question = { model: "noop", inputs: { x }, expected: { y: x } };
