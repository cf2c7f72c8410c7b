import { duel, type Measured } from "../harness/duel.js";
import type { Pace } from "../harness/interleave.js";
import type { Service } from "../harness/service.js";
import { type Side, serviceSide } from "../harness/side.js";
import type { Network } from "../models/catalogue.js";
import { questionsOf } from "../models/questions.js";

export const FORMS = ["float_val", "tensor_content"] as const;

/** A server asked for the same with its values in the typed field and as raw bytes. */
export async function compareForms(
  service: Service,
  network: Network,
  callers: number,
  pace: Pace,
): Promise<readonly Measured[]> {
  const question = (await questionsOf(network, [1]))[1]!;
  const sides: Side[] = [];
  for (const form of FORMS) {
    const encoded = { ...question, encoding: { content: form === "tensor_content" } };
    sides.push(await serviceSide(service, { name: form, protocol: "grpc", question: encoded, callers }));
  }
  return duel(sides, pace);
}
