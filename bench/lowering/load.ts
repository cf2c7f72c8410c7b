import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { median } from "../harness/stats.js";
import type { Run } from "../harness/suite.js";
import { short, table } from "../harness/table.js";
import type { LoadFigures, LoadJob } from "./load.child.js";
import { cases } from "./models.js";

const child = fileURLToPath(new URL("./load.child.ts", import.meta.url));
const HEADER = ["model", "engine", "files to AVAILABLE ms", "memory MB", "most held ms"];

/** In a process of its own, since a library once loaded stays. */
async function loadOnce(job: LoadJob): Promise<LoadFigures> {
  const started = fork(child, [JSON.stringify(job)], { execArgv: process.execArgv });
  const [figures] = (await once(started, "message")) as [LoadFigures];
  return figures;
}

/** From the first look at the files to AVAILABLE, in a fresh process, and what its memory grew by. */
export async function loadTable({ full, progress }: Run) {
  const data: Record<string, readonly LoadFigures[]> = {};
  const rows: string[][] = [];
  const paths = new Map(cases.map(({ name, path }) => [path, name.replace(/, batch \d+$/, "")]));
  for (const [path, name] of paths) {
    for (const engine of ["onnxruntime", "libtensorflow"] as const) {
      progress(`loading ${name} on ${engine}`);
      const figures: LoadFigures[] = [];
      for (let i = 0; i < (full ? 7 : 3); i++) figures.push(await loadOnce({ path, engine }));
      data[`${name}, ${engine}`] = figures;
      const middle = (key: keyof LoadFigures) => short(median(figures.map((each) => each[key])));
      rows.push([name, engine, middle("milliseconds"), middle("megabytes"), middle("longestHold")]);
    }
  }
  return { markdown: `## Loading\n\n${table(HEADER, rows)}`, data };
}
