import { duel, type Measured } from "../harness/duel.js";
import type { Pace } from "../harness/interleave.js";
import { startSalver } from "../harness/salver-service.js";
import type { Service } from "../harness/service.js";
import { type Side, serviceSide } from "../harness/side.js";
import type { Network } from "../models/catalogue.js";
import { questionsOf } from "../models/questions.js";

const MANY = 100;

export type ManyModels = {
  /** With one model, then with a hundred. */
  readonly measured: readonly Measured[];
  /** Bytes that each of the idle models takes. */
  readonly memoryPerModel: number;
};

/** A server of one model beside a server of a hundred, all asked for the same one. */
export async function manyModels(network: Network, callers: number, pace: Pace): Promise<ManyModels> {
  const question = (await questionsOf(network, [1]))[1]!;
  const services: Service[] = [];
  const sides: Side[] = [];
  try {
    for (const count of [1, MANY]) {
      const names = Array.from({ length: count }, (_, i) => (i === 0 ? network.name : `${network.name}_${i}`));
      const models = Object.fromEntries(names.map((name) => [name, { path: network.onnx }]));
      services.push(await startSalver({ name: `${count} models`, models }));
    }
    const [one, many] = services.map(({ child }) => child.memory());
    for (const service of services) sides.push(await serviceSide(service, { protocol: "grpc", question, callers }));
    const measured = await duel(sides, pace);
    return { measured, memoryPerModel: (many! - one!) / (MANY - 1) };
  } finally {
    for (const service of services) await service[Symbol.asyncDispose]();
  }
}
