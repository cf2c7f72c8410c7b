import type { Chart } from "../harness/chart.js";
import { duel, MEASURED_HEADER, type Measured, measuredCells } from "../harness/duel.js";
import { requireH2load } from "../harness/h2load.js";
import type { Question } from "../harness/question.js";
import { grpcEngines, startSalver } from "../harness/salver-service.js";
import type { Service } from "../harness/service.js";
import { type Side, serviceSide } from "../harness/side.js";
import type { Run, Suite } from "../harness/suite.js";
import { short, table } from "../harness/table.js";
import { type Network, networks, noop } from "../models/catalogue.js";
import { noopQuestion, questionsOf } from "../models/questions.js";
import { coldStart } from "./cold-start.js";
import { healthUnderLoad } from "./health.js";
import { manyModels } from "./many.js";

const MB = 2 ** 20;
const HEADER = ["model", "rows", "in flight", "by", ...MEASURED_HEADER, "request bytes"];

type Slot = { readonly network: string; readonly rows: number; readonly callers: readonly number[] };

const ALL = [1, 16, 64];
const slots = (full: boolean): readonly Slot[] => {
  const heavy = full ? ALL : [16];
  const each = (network: string, rows: readonly number[], callers: readonly number[]): readonly Slot[] =>
    rows.map((count) => ({ network, rows: count, callers }));
  return [
    ...each("noop", [1], ALL),
    ...each("half_plus_two", [1], ALL),
    ...each("mnist", [1], ALL),
    ...each("mnist", [32, 256], heavy),
    ...each("deepfm", [1, 200, 500, 1000], heavy),
    ...each("image", [1], heavy),
  ];
};

type Server = { readonly service: Service; readonly by: string; readonly protocol: "grpc" | "rest" };
type Row = { readonly slot: Slot; readonly callers: number; readonly measured: readonly Measured[] };

/** A server for each gRPC engine; REST is asked of the last. */
async function startServers(all: readonly Network[]): Promise<readonly Server[]> {
  const models = Object.fromEntries(all.map(({ name, onnx }) => [name, { path: onnx }]));
  const withNoop = { ...models, noop: { path: all[0]!.onnx, servable: "noop" } };
  const servers: Server[] = [];
  try {
    for (const grpcEngine of grpcEngines()) {
      const settings = { name: `Salver, ${grpcEngine}`, models: withNoop, plugins: [noop], grpcEngine };
      servers.push({ service: await startSalver(settings), by: `gRPC, ${grpcEngine}`, protocol: "grpc" });
    }
  } catch (error) {
    await stop(servers);
    throw error;
  }
  return [...servers, { service: servers.at(-1)!.service, by: "REST", protocol: "rest" }];
}

const stop = async (servers: readonly Server[]) => {
  for (const service of new Set(servers.map((server) => server.service))) await service[Symbol.asyncDispose]();
};

async function measureSlot(servers: readonly Server[], question: Question, callers: number, { pace }: Run) {
  const sides: Side[] = [];
  for (const { service, by, protocol } of servers) {
    sides.push(await serviceSide(service, { name: by, protocol, question, callers }));
  }
  return duel(sides, pace);
}

async function measureSlots(servers: readonly Server[], all: readonly Network[], run: Run): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const slot of slots(run.full)) {
    const network = all.find(({ name }) => name === slot.network);
    const question = network ? (await questionsOf(network, [slot.rows]))[slot.rows]! : noopQuestion;
    for (const callers of slot.callers) {
      run.progress(`${slot.network}, batch ${slot.rows}, ${callers} in flight`);
      rows.push({ slot, callers, measured: await measureSlot(servers, question, callers, run) });
    }
  }
  return rows;
}

const slotTable = (rows: readonly Row[]): string =>
  table(
    HEADER,
    rows.flatMap(({ slot, callers, measured }) =>
      measured.map((each) => [
        slot.network,
        String(slot.rows),
        String(callers),
        each.name,
        ...measuredCells(each),
        short(each.bytes?.request ?? Number.NaN),
      ]),
    ),
  );

/** A picture for each small model: requests a second over the requests in flight. */
function chartsOf(rows: readonly Row[]): Readonly<Record<string, Chart>> {
  const chartOf = (network: string): Chart => {
    const own = rows.filter(({ slot }) => slot.network === network && slot.rows === 1);
    const lines = own[0]!.measured.map(({ name }, i) => ({
      name,
      points: own.map(({ callers, measured }) => [callers, measured[i]!.perSecond.median] as const),
    }));
    return { title: `${network}, batch 1: requests a second`, x: "requests in flight", y: "requests/s", lines };
  };
  return Object.fromEntries(["noop", "half_plus_two", "mnist"].map((name) => [`server-${name}`, chartOf(name)]));
}

export const server: Suite = {
  name: "server",
  question: "What does the whole server answer by gRPC and REST, and at what cost a call?",
  async run(run: Run) {
    await requireH2load();
    const all = await networks();
    const small = all.find(({ name }) => name === "half_plus_two")!;
    const servers = await startServers(all);
    try {
      const rows = await measureSlots(servers, all, run);
      run.progress("health under load");
      const asking = { protocol: "grpc", question: (await questionsOf(small, [1]))[1]!, callers: 64 } as const;
      const health = await healthUnderLoad(servers.at(-1)!.service, asking, 3 * run.pace.milliseconds);
      run.progress("a hundred models");
      const many = await manyModels(small, 16, run.pace);
      run.progress("cold start");
      const start = await coldStart(run.full ? 7 : 3);
      const [one, hundred] = many.measured.map(({ perSecond }) => perSecond.median);
      const facts = [
        `- /healthz while gRPC half_plus_two is at full load with 64 in flight: p50 ${short(health.p50)} ms, p99 ${short(health.p99)} ms, of ${health.answers} answers.`,
        `- 100 models loaded against 1, gRPC half_plus_two with 16 in flight: ${(hundred! / one!).toFixed(2)}x the requests a second. An idle one takes ${short(many.memoryPerModel / MB)} MB.`,
        `- Cold start of the quickstart: ${short(start.firstAnswer)} ms to the first right answer, ${short(start.ready)} ms to all six models, ${short(start.memory / MB)} MB then.`,
      ];
      return {
        markdown: `## Under load\n\n${slotTable(rows)}\n\n## Besides\n\n${facts.join("\n")}`,
        charts: chartsOf(rows),
        data: { rows, health, many, start },
      };
    } finally {
      await stop(servers);
    }
  },
};
