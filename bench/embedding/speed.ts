import { LazyCaller, type Tensors, tensor } from "salver";
import { closedLoop } from "../harness/closed-loop.js";
import { openModel } from "../harness/models.js";
import { median } from "../harness/stats.js";
import type { Run } from "../harness/suite.js";
import { short, table } from "../harness/table.js";
import { type Numpy, startNumpy } from "./peer.js";
import type { Vectors } from "./vectors.js";

const HEADER = ["", "alone", "8 at once", "most held ms", "NumPy"];
const LENGTH = 20;

type Task = {
  readonly name: string;
  readonly signature: string;
  readonly task: "gather" | "mean";
  /** The ids of one request after another, so that no side answers out of the nearest cache. */
  readonly requests: readonly (readonly number[])[];
  readonly shape: readonly number[];
};

const MOST_REQUESTS = 64;
const MOST_IDS = 400_000;

function tasksFor(rows: number): readonly Task[] {
  const spread = (count: number): number[][] =>
    Array.from({ length: Math.min(MOST_REQUESTS, Math.ceil(MOST_IDS / count)) }, (_, request) =>
      Array.from({ length: count }, (_, i) => ((request * count + i) * 736_878_7) % rows),
    );
  const gather = (count: number): Task => ({
    name: `gather, ${count} rows`,
    signature: "serving_default",
    task: "gather",
    requests: spread(count),
    shape: [count],
  });
  const mean = (count: number): Task => ({
    name: `mean, ${count} bags of ${LENGTH}`,
    signature: "mean",
    task: "mean",
    requests: spread(count * LENGTH),
    shape: [count, LENGTH],
  });
  return [gather(100), gather(1000), gather(10_000), gather(100_000), mean(10), mean(100), mean(5000)];
}

const perSecond = (asked: number, { requests }: Task) => short(asked * requests[0]!.length);

/** From the file to AVAILABLE, of a table that is mapped, one that is copied, and of NumPy's. */
export async function loadTable(vectors: Vectors, numpy: boolean, { full, progress }: Run) {
  const sides: Record<string, () => Promise<number>> = {};
  for (const [name, options] of [
    ["mapped", {}],
    ["mapped, check: never", { check: "never" }],
    ["memory: copy", { memory: "copy" }],
  ] as const) {
    sides[name] = async () => {
      const start = performance.now();
      await using _ = await openModel({ path: vectors.path, servable: { type: "embedding", ...options } });
      return performance.now() - start;
    };
  }
  if (numpy) {
    sides["numpy.load"] = async () => {
      using peer = startNumpy();
      return await peer.load(vectors.file);
    };
  }
  const data: Record<string, number[]> = {};
  for (let round = 0; round < (full ? 7 : 3); round++) {
    progress(`loading, round ${round + 1}`);
    for (const [name, load] of Object.entries(sides)) {
      data[name] ??= [];
      data[name].push(await load());
    }
  }
  const rows = Object.entries(data).map(([name, times]) => [name, short(median(times))]);
  return { markdown: `## Loading ${vectors.rows} x ${vectors.width} float32\n\n${table(["", "ms"], rows)}`, data };
}

function checkFirst(got: Tensors, first: readonly number[]): void {
  const data = got.embeddings?.data as Float32Array;
  for (const [i, value] of first.entries()) {
    if (Math.abs(data[i]! - value) > 1e-5) throw new Error(`the answers differ: ${data[i]}, not ${value}`);
  }
}

/** Rows a second through the server's front end in this process, beside NumPy's own loop over the same requests. */
export async function speedTable(vectors: Vectors, numpy: boolean, { pace, progress }: Run) {
  await using model = await openModel({ path: vectors.path, servable: { type: "embedding" } });
  using peer: Numpy | undefined = numpy ? startNumpy() : undefined;
  await peer?.load(vectors.file);
  const data: Record<string, object> = {};
  const rows: string[][] = [];
  for (const task of tasksFor(vectors.rows)) {
    progress(task.name);
    const asked = task.requests.map((ids) => tensor("int64", task.shape, BigInt64Array.from(ids, BigInt)));
    let turns = 0;
    const once = () => {
      const ids = asked[turns++ % asked.length]!;
      return model.lease.predict(task.signature, { ids }, new LazyCaller());
    };
    const first = await once();
    const turn = async (callers: number) => closedLoop(async () => void (await once()), callers, pace.milliseconds);
    const figures = { alone: [] as number[], together: [] as number[], numpy: [] as number[] };
    let held = 0;
    await turn(1);
    for (let round = 0; round < pace.rounds; round++) {
      const [alone, together] = [await turn(1), await turn(8)];
      // As NumPy's: what other processes take of the machine is in neither.
      figures.alone.push(1000 / alone.p10);
      figures.together.push(together.perSecond);
      held = Math.max(held, together.longestHold);
      if (!peer) continue;
      const theirs = await peer.timed(task.task, pace.milliseconds / 1000, { ids: task.requests, length: LENGTH });
      checkFirst(first, theirs.first);
      figures.numpy.push(theirs.perSecond);
    }
    data[task.name] = { ...figures, held };
    const { alone, together, numpy: theirs } = figures;
    rows.push([
      task.name,
      ...[alone, together].map((each) => perSecond(median(each), task)),
      short(held),
      perSecond(median(theirs), task),
    ]);
  }
  return { markdown: `## Rows looked at a second\n\n${table(HEADER, rows)}`, data };
}
