import { compareForms, FORMS } from "../codecs/forms.js";
import type { Measured } from "../harness/duel.js";
import type { Run, Suite } from "../harness/suite.js";
import { short, table } from "../harness/table.js";
import { compareLowered } from "../lowering/speed.js";
import { questionsOf } from "../models/questions.js";
import { cellTitle, measureCell } from "../peers/cell.js";
import { allPeers, type Field, openField, SALVER, skippedText } from "../peers/field.js";
import { pythonTensorflow } from "../peers/python.js";
import { coldStart } from "../server/cold-start.js";
import { healthUnderLoad } from "../server/health.js";
import { manyModels } from "../server/many.js";
import { goalCells, linesOf } from "./cells.js";
import { type Line, verdictOf } from "./line.js";

const HEADER = ["what", "must", "aim", "measured", "reached"];
const MB = 2 ** 20;

type Found = { readonly lines: readonly Line[]; readonly bad: number; readonly data: unknown };
const badOf = (measured: readonly Measured[]) => measured.reduce((sum, { bad }) => sum + bad, 0);
const rate = ({ perSecond }: Measured) => perSecond.median;

async function contests(field: Field, { pace, progress }: Run): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const cell of goalCells) {
    progress(cellTitle(cell));
    const data = await measureCell(field, cell, pace);
    found.push({ lines: linesOf(cell, data), bad: badOf(data), data });
  }
  return found;
}

async function forms(field: Field, { pace, progress }: Run): Promise<Found> {
  progress("the two forms of a tensor");
  const image = field.networks.find(({ name }) => name === "image")!;
  const data = await compareForms(field.services.get(SALVER)!, image, 8, pace);
  const [typed, content] = FORMS.map((form) => rate(data.find(({ name }) => name === form)!));
  const text = "gRPC image b1, 8 in flight, float_val against our own tensor_content: requests/s";
  return {
    lines: [{ text, unit: "x", must: 0.85, aim: 0.95, measured: typed! / content! }],
    bad: badOf(data),
    data,
  };
}

async function health(field: Field, { pace, progress }: Run): Promise<Found> {
  progress("health under load");
  const found: Found[] = [];
  for (const [name, callers] of [
    ["half_plus_two", 64],
    ["image", 8],
  ] as const) {
    const question = (await questionsOf(field.networks.find((each) => each.name === name)!, [1]))[1]!;
    const asking = { protocol: "grpc", question, callers } as const;
    const data = await healthUnderLoad(field.services.get(SALVER)!, asking, 3 * pace.milliseconds);
    const text = `health answer while gRPC ${name} is at full load, ${callers} in flight: p99`;
    const line: Line = { text, less: true, unit: " ms", must: 20, aim: 5, measured: data.p99 };
    found.push({ lines: [line], bad: data.bad, data });
  }
  return { lines: found.flatMap(({ lines }) => lines), bad: found.reduce((sum, { bad }) => sum + bad, 0), data: found };
}

async function lowered({ pace, progress }: Run): Promise<Found> {
  const data: Record<string, unknown> = {};
  const lines: Line[] = [];
  for (const [network, rows] of [
    ["mnist", 1],
    ["deepfm", 200],
  ] as const) {
    for (const callers of [1, 8]) {
      const text = `lowered SavedModel against libtensorflow, ${network} b${rows}, ${callers} in flight: runs/s`;
      progress(text);
      const line = { text, unit: "x", must: 2, aim: 4 } as const;
      try {
        const [ours, theirs] = await compareLowered(network, rows, callers, pace);
        data[text] = [ours, theirs];
        lines.push({ ...line, measured: ours!.perSecond.median / theirs!.perSecond.median });
      } catch (error) {
        lines.push({ ...line, measured: undefined, why: String(error) });
      }
    }
  }
  return { lines, bad: 0, data };
}

async function many({ networks }: Field, { pace, progress }: Run) {
  progress("a hundred models");
  const data = await manyModels(networks.find(({ name }) => name === "half_plus_two")!, 16, pace);
  const [one, hundred] = data.measured.map(rate);
  const text = "gRPC half_plus_two, 16 in flight, 100 models loaded against 1: requests/s";
  const line: Line = { text, unit: "x", must: 0.9, aim: 0.98, measured: hundred! / one! };
  return { lines: [line], bad: badOf(data.measured), data };
}

function rowOf(line: Line): readonly string[] {
  const { text, must, aim, unit, measured, less, why } = line;
  const mark = (value: number) => `${less ? "≤ " : "≥ "}${value}${unit}`;
  const value = measured === undefined ? (why ?? "–") : `${measured.toFixed(2)}${unit}`;
  return [text, mark(must), mark(aim), value, verdictOf(line)];
}

export const goals: Suite = {
  name: "goals",
  question:
    "Where does each line of what must hold stand? Ratios are ours to theirs, both in turns under the same load.",
  async run(run: Run) {
    // Nothing is held against the peer in Python on TensorFlow: it is in the suite `peers`.
    const peers = allPeers.filter((peer) => peer !== pythonTensorflow);
    const field = await openField({ peers, everyEngine: false, progress: run.progress });
    try {
      const found: Found[] = [...(await contests(field, run)), await forms(field, run), await health(field, run)];
      const hundred = await many(field, run);
      found.push(hundred, await lowered(run));
      run.progress("cold start");
      const start = await coldStart(run.full ? 7 : 3);
      const bad = found.reduce((sum, each) => sum + each.bad, 0);
      const noBad: Line = { text: "bad replies", less: true, unit: "", must: 0, aim: 0, measured: bad };
      const lines = [...found.flatMap((each) => each.lines), noBad];
      const facts = [
        `Cold start of the quickstart: ${short(start.firstAnswer)} ms to the first right answer, ${short(start.ready)} ms to all six models, ${short(start.memory / MB)} MB then.`,
        `An idle small model takes ${short(hundred.data.memoryPerModel / MB)} MB.`,
      ];
      const parts = [table(HEADER, lines.map(rowOf)), facts.join("\n"), skippedText(field)];
      return {
        markdown: parts.filter((part) => part !== "").join("\n\n"),
        charts: {},
        data: { lines, start, found: found.map(({ data }) => data) },
      };
    } finally {
      await field[Symbol.asyncDispose]();
    }
  },
};
