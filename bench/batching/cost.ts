import { firstOf } from "../harness/contender.js";
import { duel } from "../harness/duel.js";
import { type ModelConfig, openModel } from "../harness/models.js";
import type { Protocol, Question } from "../harness/question.js";
import { requestsFor } from "../harness/requests.js";
import { startSalver } from "../harness/salver-service.js";
import { type Side, serviceSide } from "../harness/side.js";
import type { Spread } from "../harness/stats.js";
import type { Run } from "../harness/suite.js";
import { short, table } from "../harness/table.js";
import { compare, type Settings } from "./compare.js";
import { models } from "./models.js";

const settings: Settings = { none: false, batching: { maxBatchSize: 64 } };

const HEADER = ["model", "asked", "batching", "p50 ms", "against none", "p99 ms"];

type Latency = { readonly name: string; readonly p50: Spread; readonly p99: Spread };

/** One request of one row, and what it gives without batching; asked of the models of a server by the settings' names. */
async function questionsFor(config: ModelConfig): Promise<readonly Question[]> {
  await using model = await openModel(config);
  const [inputs] = requestsFor(firstOf(model.lease.signatures), { rows: 1, requests: 1 });
  // Answers may be views of memory that the runtime uses again.
  const expected = structuredClone(await model.run(inputs!));
  return Object.keys(settings).map((name) => ({ model: name, inputs: inputs!, expected }));
}

/** A server of its own process, which has the model under each of the settings. */
async function overTheWire(config: ModelConfig, protocols: readonly Protocol[], { pace }: Run) {
  const questions = await questionsFor(config);
  const own = Object.entries(settings).map(([name, batching]) => [name, { ...config, batching }] as const);
  await using service = await startSalver({ name: "cost of batching", models: Object.fromEntries(own) });
  const found: Partial<Record<Protocol, readonly Latency[]>> = {};
  for (const protocol of protocols) {
    const sides: Side[] = [];
    for (const question of questions) {
      sides.push(await serviceSide(service, { name: question.model, protocol, question, callers: 1 }));
    }
    found[protocol] = await duel(sides, pace);
  }
  return found;
}

/** One caller, so that the runtime is idle whenever it asks: what batching adds to its latency. */
export async function costTable(run: Run) {
  const data: Record<string, readonly Latency[]> = {};
  for (const [model, config] of Object.entries(models)) {
    run.progress(`${model}, one caller`);
    const wire = await overTheWire(config, ["grpc", "rest"], run);
    data[`${model}, gRPC`] = wire.grpc!;
    data[`${model}, REST`] = wire.rest!;
    data[`${model}, in the process`] = await compare(config, settings, 1, run.pace);
  }
  const rows = Object.entries(data).flatMap(([title, results]) =>
    results.map(({ name, p50, p99 }) => {
      const at = title.lastIndexOf(", ");
      const against = `${(p50.median / results[0]!.p50.median).toFixed(3)}x`;
      return [title.slice(0, at), title.slice(at + 2), name, p50.median.toFixed(4), against, short(p99.median)];
    }),
  );
  return { markdown: `## One caller at a time\n\n${table(HEADER, rows)}`, data };
}
