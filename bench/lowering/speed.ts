import { modelContender } from "../harness/contender.js";
import { interleave, type Pace, type Result } from "../harness/interleave.js";
import { quickstartModel } from "../harness/models.js";
import type { Run } from "../harness/suite.js";
import { short, table } from "../harness/table.js";
import { type Case, cases } from "./models.js";

const ENGINES = ["onnxruntime", "libtensorflow"] as const;
const CALLERS = [1, 8];

const HEADER = ["model", "callers", "lowered/s", "TensorFlow/s", "gain", "lowered p50 ms", "TensorFlow p50 ms"];

/** A network of the quickstart: lowered, then on TensorFlow. @throws where there is no libtensorflow */
export async function compareLowered(name: string, rows: number, callers: number, pace: Pace) {
  const [results] = await compare({ name, path: quickstartModel(name), rows }, [callers], pace);
  return results!;
}

async function compare({ path, rows, open }: Case, callers: readonly number[], pace: Pace) {
  const work = { rows, requests: 7, ...(open && { open }) };
  const contenders = await Promise.all(
    ENGINES.map((engine) => {
      const servable = { type: "savedmodel", engine, libtensorflow: { intraOpThreads: 1 } };
      return modelContender(engine, { path, servable }, work);
    }),
  );
  try {
    const results: (readonly Result[])[] = [];
    for (const count of callers) results.push(await interleave(contenders, count, pace));
    return results;
  } finally {
    await Promise.all(contenders.map((contender) => contender[Symbol.asyncDispose]()));
  }
}

/** The same SavedModel lowered to ONNX and on TensorFlow itself, both with one thread for an operator. */
export async function speedTable(run: Run) {
  const data: Record<string, unknown> = {};
  const rows: string[][] = [];
  for (const each of cases) {
    run.progress(each.name);
    const results = await compare(each, CALLERS, run.pace);
    data[each.name] = results;
    for (const [i, [lowered, tensorflow]] of results.entries()) {
      rows.push([
        each.name,
        String(CALLERS[i]),
        short(lowered!.perSecond.median),
        short(tensorflow!.perSecond.median),
        `${(lowered!.perSecond.median / tensorflow!.perSecond.median).toFixed(2)}x`,
        short(lowered!.p50.median),
        short(tensorflow!.p50.median),
      ]);
    }
  }
  return { markdown: `## Requests a second\n\n${table(HEADER, rows)}`, data };
}
