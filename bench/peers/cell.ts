import { messageOf } from "salver";
import { modelContender } from "../harness/contender.js";
import { duel, type Measured } from "../harness/duel.js";
import type { Pace } from "../harness/interleave.js";
import type { Protocol, Question } from "../harness/question.js";
import { inProcessSide, type Side, serviceSide } from "../harness/side.js";
import { questionsOf } from "../models/questions.js";
import { batched, type Field, SALVER, SALVER_TENSORFLOW } from "./field.js";

/** One request, under one load, for several servers. */
export type Cell = {
  readonly network: string;
  readonly rows: number;
  readonly protocol: Protocol;
  readonly callers: number;
  /** Names out of the field; `FLOOR` is the run without a server, and `BATCHED` Salver on TensorFlow with batching. */
  readonly sides: readonly string[];
};

export const FLOOR = "in the process, onnxruntime";
export const BATCHED = `${SALVER_TENSORFLOW} with batching`;

export const cellTitle = ({ network, rows, protocol, callers }: Cell): string =>
  `${protocol === "grpc" ? "gRPC" : "REST"} ${network}, batch ${rows}, ${callers} in flight`;

/** Those sides that are there. A peer that answers wrongly is put to those that are skipped. @throws when Salver does */
export async function measureCell(field: Field, cell: Cell, pace: Pace): Promise<readonly Measured[]> {
  const network = field.networks.find(({ name }) => name === cell.network)!;
  const question = (await questionsOf(network, [cell.rows]))[cell.rows]!;
  const sides: Side[] = [];
  try {
    for (const name of cell.sides) {
      const side = await openSide(field, cell, name, question).catch((error) => {
        if (name.startsWith(SALVER)) throw error;
        field.skipped.set(`${name}, ${cellTitle(cell)}`, messageOf(error));
      });
      if (side) sides.push(side);
    }
  } catch (error) {
    for (const side of sides) await side[Symbol.asyncDispose]();
    throw error;
  }
  return duel(sides, pace);
}

async function openSide(
  field: Field,
  { network, rows, protocol, callers }: Cell,
  name: string,
  question: Question,
): Promise<Side | undefined> {
  if (name === FLOOR) {
    const { onnx } = field.networks.find((each) => each.name === network)!;
    return inProcessSide(await modelContender(FLOOR, { path: onnx }, { rows, requests: 1 }), callers);
  }
  const service = field.services.get(name === BATCHED ? SALVER_TENSORFLOW : name);
  const asked = name === BATCHED ? { ...question, model: batched(network) } : question;
  return service && serviceSide(service, { name, protocol, question: asked, callers });
}
