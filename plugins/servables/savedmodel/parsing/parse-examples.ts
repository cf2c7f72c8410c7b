import { setImmediate as turn } from "node:timers/promises";
import {
  type Feature,
  formatShape,
  invalidArgument,
  isServingError,
  ServingError,
  type Tensor,
} from "../../../../core/index.js";
import { readFeatures } from "../../../../protos/example/decode.js";
import { type Column, createAllowance, type Feeds } from "./column.js";
import { fixedColumn, paddedColumn } from "./dense.js";
import type { ParsePlan } from "./plan.js";
import { sparseColumn } from "./sparse.js";

/** Milliseconds of work between two turns of the event loop. */
const SLICE = 4;
/** The most bytes of a broken example that its error shows. */
const SHOWN = 256;

const cancelled = ({ reason }: AbortSignal) =>
  isServingError(reason) ? reason : new ServingError("CANCELLED", "the request was cancelled", { cause: reason });

function featuresOf(serialized: Uint8Array): Readonly<Record<string, Feature>> {
  try {
    return readFeatures(serialized, undefined, "keeps");
  } catch (error) {
    const shown = new TextDecoder().decode(serialized.subarray(0, SHOWN));
    const more = serialized.length > SHOWN ? "…" : "";
    throw invalidArgument(`Could not parse example input, value: '${shown}${more}'`, error);
  }
}

function columnsOf({ dense, sparse }: ParsePlan, count: number): Map<string, Column> {
  const allow = createAllowance();
  const columns = new Map<string, Column>();
  for (const plan of dense)
    columns.set(plan.key, (plan.shape[0] === -1 ? paddedColumn : fixedColumn)(plan, count, allow));
  for (const plan of sparse) columns.set(plan.key, sparseColumn(plan, count, allow));
  return columns;
}

function addExample(columns: ReadonlyMap<string, Column>, serialized: Uint8Array, example: number): void {
  const features = featuresOf(serialized);
  // TensorFlow looks at the features from the last to the first, and only then at those that are missing.
  for (const key of Object.keys(features).reverse()) columns.get(key)?.add(features[key]!, example);
  for (const [key, column] of columns) if (features[key] === undefined) column.missing(example);
}

/**
 * Does what TensorFlow's ParseExample does: serialized tf.Examples `[n]` as tensors, by the ONNX input they feed. The
 * event loop turns in between.
 * @throws ServingError INVALID_ARGUMENT in TensorFlow's words where an example or a feature does not fit; RESOURCE_EXHAUSTED
 * where the tensors would take more than 1 GiB; CANCELLED when `signal` fires
 */
export async function parseExamples(plan: ParsePlan, input: Tensor | undefined, signal: AbortSignal): Promise<Feeds> {
  if (input?.dtype !== "string") {
    throw invalidArgument(`input "${plan.input}" takes serialized tf.Examples, got ${input?.dtype ?? "nothing"}`);
  }
  if (input.shape.length !== 1) {
    const shape = formatShape(input.shape);
    throw invalidArgument(`input "${plan.input}" has the shape ${shape}; serialized tf.Examples come as [n]`);
  }
  let since = performance.now();
  const breathe = async () => {
    if (performance.now() - since < SLICE) return;
    await turn();
    if (signal.aborted) throw cancelled(signal);
    since = performance.now();
  };
  const columns = columnsOf(plan, input.data.length);
  for (const [example, serialized] of input.data.entries()) {
    addExample(columns, serialized, example);
    await breathe();
  }
  const feeds: (readonly [string, Tensor])[] = [];
  for (const column of columns.values()) {
    feeds.push(...(await column.feeds(breathe)));
    await breathe();
  }
  return feeds;
}
