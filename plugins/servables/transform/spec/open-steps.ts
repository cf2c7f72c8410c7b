import { readFile, stat } from "node:fs/promises";
import { isAbsolute, join, normalize } from "node:path";
import type { ConfigProblem } from "../../../../core/index.js";
import type { ColumnType } from "../column.js";
import { type Opened, refuse, type Site, StepProblem } from "../ops/op.js";
import type { Spec, Step } from "./spec.js";

export type OpenedStep = Opened & { readonly step: Step };

export type OpenedSteps = {
  /** Those that can run, in an order in which they can. */
  readonly opened: readonly OpenedStep[];
  /** Those whose inputs are known and whose fitted values are missing. */
  readonly unfitted: readonly Step[];
  /** By name, of what is known. */
  readonly types: ReadonlyMap<string, ColumnType>;
};

/** The largest file that a step may name. */
const LARGEST = 2 ** 28;

/** The first of the folders that has the file. */
async function readBeside(folders: readonly string[], file: string, option: string): Promise<Uint8Array> {
  const path = normalize(file);
  if (isAbsolute(path) || path.startsWith(".."))
    refuse(`expected a file in the version's folder, got "${file}"`, option);
  for (const folder of folders) {
    const found = await stat(join(folder, path)).catch(() => undefined);
    if (!found?.isFile()) continue;
    if (found.size > LARGEST) refuse(`${file} has more than ${LARGEST} bytes`, option);
    const bytes = await readFile(join(folder, path)).catch(() => undefined);
    if (bytes) return bytes;
  }
  return refuse(`${file} is not there, or cannot be read`, option);
}

/** What an op found wrong, at its place. */
export const problemOf = ({ index }: Step, { option, message }: StepProblem): ConfigProblem => ({
  path: ["steps", index, option],
  message,
});

/**
 * Opens the steps with the types that flow between them; behind one that lacks fitted values none is opened. `folders`: where
 * files beside the transform file are. `stale`: indexes of steps whose values count as lacking.
 * @throws ConfigError with everything that does not fit
 */
export async function openSteps(
  spec: Spec,
  sorted: readonly Step[],
  folders: readonly string[],
  stale: ReadonlySet<number> = new Set(),
): Promise<OpenedSteps> {
  const types = new Map(spec.inputs);
  const opened: OpenedStep[] = [];
  const unfitted: Step[] = [];
  const problems: ConfigProblem[] = [];
  for (const step of sorted) {
    const inputs = step.from.flatMap((name) => types.get(name) ?? []);
    if (inputs.length < step.from.length) continue;
    const { op, options } = step;
    try {
      if (op.fitting && (stale.has(step.index) || op.fitting.missing(options as never).length > 0)) {
        // What is wrong with the types shows before data is read.
        op.fitting.start(inputs, options as never);
        unfitted.push(step);
        continue;
      }
      const site: Site = { results: step.to.length, read: (file, option) => readBeside(folders, file, option) };
      const made = await op.open(inputs, options as never, site);
      if (made.types.length !== step.to.length) {
        refuse(
          `expected ${made.types.length === 1 ? "one name" : `${made.types.length} names`}, got ${step.to.length}`,
          "to",
        );
      }
      for (const [i, type] of made.types.entries()) types.set(step.to[i]!, type);
      opened.push({ ...made, step });
    } catch (error) {
      if (!(error instanceof StepProblem)) throw error;
      problems.push(problemOf(step, error));
    }
  }
  if (problems.length > 0) throw spec.error(problems);
  return { opened, unfitted, types };
}
