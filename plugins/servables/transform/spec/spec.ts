import {
  ConfigError,
  type ConfigProblem,
  hint,
  type Locate,
  parseWith,
  parseWithPositions,
} from "../../../../core/index.js";
import type { ColumnType } from "../column.js";
import { ops } from "../ops/all.js";
import type { AnyOp } from "../ops/op.js";
import { fileSchema, stepShape } from "./schema.js";

export type Step = {
  /** Its place in the file, from 0. */
  readonly index: number;
  readonly op: AnyOp;
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** As the op's own schema yields them. */
  readonly options: object;
};

/** A transform file that is well formed; names and types have not been looked at. */
export type Spec = {
  readonly inputs: ReadonlyMap<string, ColumnType>;
  readonly steps: readonly Step[];
  readonly outputs: readonly string[];
  /** What is wrong, with its place in the file. */
  error(problems: readonly ConfigProblem[]): ConfigError;
};

const listOf = (names: unknown): readonly string[] => (typeof names === "string" ? [names] : (names as string[]));

/** `age: float32` says the same as `age: { dtype: float32 }`. */
function written(raw: unknown): unknown {
  const { inputs } = (raw ?? {}) as { readonly inputs?: unknown };
  if (typeof inputs !== "object" || inputs === null || Array.isArray(inputs)) return raw;
  const long = Object.entries(inputs).map(([name, input]) => [
    name,
    typeof input === "string" ? { dtype: input } : input,
  ]);
  return { ...(raw as object), inputs: Object.fromEntries(long) };
}

type Found = { readonly step: Step } | { readonly problems: readonly ConfigProblem[] };

function readStep(raw: unknown, index: number): Found {
  const path = ["steps", index];
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    return {
      problems: [{ path, message: `expected a step such as { op: log, from: a, to: b }, got ${JSON.stringify(raw)}` }],
    };
  }
  const named = (raw as { readonly op?: unknown }).op;
  const op = ops.get(String(named));
  if (!op) {
    const known = [...ops.keys()];
    if (named === undefined) return { problems: [{ path, message: `missing: op, one of ${known.join(", ")}` }] };
    return { problems: [{ path: [...path, "op"], message: `unknown op "${named}"${hint(String(named), known)}` }] };
  }
  const parsed = parseWith(op.options.extend(stepShape), raw, path);
  if (!parsed.ok) return { problems: parsed.problems };
  const { op: _, from, to, ...options } = parsed.value;
  return { step: { index, op, from: listOf(from), to: listOf(to), options } };
}

/** @throws ConfigError with line and column of everything that is not as a transform file is written */
export function parseSpec(file: string, text: string): Spec {
  const { value, locate } = parseWithPositions(file, text);
  const error = (problems: readonly ConfigProblem[]) => new ConfigError(problems, file, locate satisfies Locate);
  const parsed = parseWith(fileSchema, written(value));
  if (!parsed.ok) throw error(parsed.problems);
  const { inputs, steps, outputs } = parsed.value;
  const found = steps.map(readStep);
  const problems = found.flatMap((each) => ("problems" in each ? each.problems : []));
  if (problems.length > 0) throw error(problems);
  return {
    inputs: new Map(Object.entries(inputs).map(([name, { dtype, shape }]) => [name, { dtype, row: shape.slice(1) }])),
    steps: found.flatMap((each) => ("step" in each ? [each.step] : [])),
    outputs,
    error,
  };
}
