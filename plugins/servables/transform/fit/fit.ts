import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ConfigProblem, internal, invalidArgument } from "../../../../core/index.js";
import type { Column } from "../column.js";
import type { TransformFile } from "../files.js";
import { type Accumulator, type Fitted, RowError, StepProblem } from "../ops/op.js";
import { createProgram, leadingTo, type ProgramStep, runSlice } from "../run/program.js";
import { type OpenedSteps, openSteps, problemOf } from "../spec/open-steps.js";
import { orderSteps } from "../spec/order.js";
import { parseSpec, type Spec, type Step } from "../spec/spec.js";
import { type CsvBatch, readCsv } from "./csv.js";
import { columnOf } from "./csv-columns.js";
import { type Filling, fillIn } from "./fill-in.js";

export type Progress = {
  readonly pass: number;
  readonly bytes: number;
  /** Of the whole file. */
  readonly size: number;
};

export type FitOptions = {
  readonly csv: string;
  readonly delimiter?: string;
  /** Where files of vocabularies are written; the transform file's folder when absent. */
  readonly folder?: string;
  /** Cells that count as empty. */
  readonly missing?: readonly string[];
  /** Computes values that are there already, too. */
  readonly again?: boolean;
  readonly onProgress?: (progress: Progress) => void;
};

export type FittedStep = {
  readonly step: number;
  readonly op: string;
  readonly to: string;
  readonly values: Readonly<Record<string, Fitted>>;
};

export type FitResult = { readonly text: string; readonly rows: number; readonly fitted: readonly FittedStep[] };

/** Vocabularies of more tokens go into a file of their own. */
const LONGEST_LIST = 1000;

type Work = { readonly step: Step; readonly from: readonly number[]; readonly accumulator: Accumulator };

const context = { spend: () => {}, pace: async (work: () => void) => work() };

/** One reading of the data: the values of all steps whose inputs are known. */
async function pass(spec: Spec, steps: OpenedSteps, batches: AsyncIterable<CsvBatch>, options: FitOptions) {
  const program = createProgram({ ...spec, outputs: [] }, steps);
  const places = [...steps.types.keys()];
  const wanted = steps.unfitted.flatMap(({ from }) => from.map((name) => places.indexOf(name)));
  const { steps: leading, needed } = leadingTo(program.steps, wanted);
  const rules = { file: options.csv, missing: new Set(options.missing) };
  const work = steps.unfitted.map((step): Work => {
    const types = step.from.map((name) => steps.types.get(name)!);
    const accumulator = step.op.fitting!.start(types, step.options as never);
    return { step, from: step.from.map((name) => places.indexOf(name)), accumulator };
  });
  let rows = 0;
  for await (const batch of batches) {
    const given = program.inputs.map(({ name, type }, place) =>
      needed.has(place) ? columnOf(batch, name, type, rules) : (undefined as unknown as Column),
    );
    const failed = (step: ProgramStep, error: unknown) => {
      if (!(error instanceof RowError)) return internal(`${step.name} failed`, error);
      return invalidArgument(`${options.csv}:${batch.lines[error.row]}: ${step.name}: ${error.message}`, error);
    };
    const columns = await runSlice({ ...program, steps: leading }, given, batch.records.length, context, failed);
    for (const { from, accumulator } of work) accumulator.add(from.map((place) => columns[place]!));
    rows += batch.records.length;
  }
  return { rows, work };
}

function finish(spec: Spec, work: readonly Work[]): readonly FittedStep[] {
  const problems: ConfigProblem[] = [];
  const fitted: FittedStep[] = [];
  for (const { step, accumulator } of work) {
    try {
      fitted.push({ step: step.index, op: step.op.name, to: step.to[0]!, values: accumulator.finish() });
    } catch (error) {
      if (!(error instanceof StepProblem)) throw error;
      problems.push(problemOf(step, error));
    }
  }
  if (problems.length > 0) throw spec.error(problems);
  return fitted;
}

const inFile = (value: Fitted | undefined): value is readonly string[] =>
  typeof value === "object" &&
  value.length > LONGEST_LIST &&
  value.every((token) => typeof token === "string" && !/[\r\n]/.test(token));

/** Long vocabularies are written beside the transform file, which then names them. */
async function placeVocabulary(folder: string, { to, step, values }: FittedStep): Promise<Filling> {
  const { vocabulary, ...rest } = values;
  if (!inFile(vocabulary)) return { step, values };
  const file = `${to.replace(/[^\w.-]/g, "_")}.txt`;
  await writeFile(join(folder, file), `${vocabulary.join("\n")}\n`);
  return { step, values: { ...rest, file } };
}

/** Steps whose values data gives, there already or not. */
function fittable({ steps }: Spec): Set<number> {
  const bare = ({ op, options }: Step) => {
    const given = Object.entries(options).filter(([option]) => !op.fitting!.options.includes(option as never));
    return Object.fromEntries(given);
  };
  const found = steps.filter((step) => step.op.fitting && step.op.fitting.missing(bare(step) as never).length > 0);
  return new Set(found.map(({ index }) => index));
}

/**
 * Computes what is to be fitted in a transform file from the rows of a CSV file, which is read once for each fitted step that
 * waits for another one.
 * @throws ConfigError for what is wrong with the transform file, INVALID_ARGUMENT with file and line for the data
 */
export async function fitTransform({ name, folder, text }: TransformFile, options: FitOptions): Promise<FitResult> {
  const fitted: FittedStep[] = [];
  let [filled, rows] = [text, 0];
  const target = options.folder ?? folder;
  const stale = options.again ? fittable(parseSpec(name, text)) : new Set<number>();
  for (let round = 1; ; round++) {
    const spec = parseSpec(name, filled);
    const steps = await openSteps(spec, orderSteps(spec), [target, folder], stale);
    if (steps.unfitted.length === 0) return { text: filled, rows, fitted };
    const { size } = await stat(options.csv).catch((cause) => {
      throw invalidArgument(`${options.csv} is not there`, cause);
    });
    const onBytes = (bytes: number) => options.onProgress?.({ pass: round, bytes, size });
    const { delimiter = "," } = options;
    const done = await pass(spec, steps, readCsv(options.csv, { delimiter, onBytes }), options);
    rows = done.rows;
    const found = finish(spec, done.work);
    fitted.push(...found);
    for (const { step } of found) stale.delete(step);
    filled = fillIn(filled, await Promise.all(found.map((each) => placeVocabulary(target, each))));
  }
}
