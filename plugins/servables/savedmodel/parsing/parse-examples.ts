import { type Feature, formatShape, invalidArgument, type Tensor } from "../../../../core/index.js";
import { readFeatures } from "../../../../protos/example/decode.js";
import type { Pace } from "../steps/pace.js";
import { type Column, createAllowance } from "./column.js";
import { fixedColumn, paddedColumn } from "./dense.js";
import type { ParsePlan } from "./plan.js";
import { sparseColumn } from "./sparse.js";

/** The most bytes of a broken example that its error shows. */
const SHOWN = 256;

function featuresOf(serialized: Uint8Array): Readonly<Record<string, Feature>> {
  try {
    return readFeatures(serialized, undefined, "keeps");
  } catch (error) {
    const shown = new TextDecoder().decode(serialized.subarray(0, SHOWN));
    const more = serialized.length > SHOWN ? "…" : "";
    throw invalidArgument(`Could not parse example input, value: '${shown}${more}'`, error);
  }
}

function columnsOf({ dense, sparse }: ParsePlan, count: number, wanted: readonly boolean[]): Map<string, Column> {
  const allow = createAllowance();
  const columns = new Map<string, Column>();
  const n = sparse.length;
  for (const [i, plan] of dense.entries()) {
    const column = plan.shape[0] === -1 ? paddedColumn : fixedColumn;
    columns.set(plan.key, column(plan, count, allow, wanted[3 * n + i]!));
  }
  for (const [i, plan] of sparse.entries()) {
    const used = { indices: wanted[i]!, values: wanted[n + i]!, shape: wanted[2 * n + i]! };
    columns.set(plan.key, sparseColumn(plan, count, allow, used));
  }
  return columns;
}

function addExample(columns: ReadonlyMap<string, Column>, serialized: Uint8Array, example: number): void {
  const features = featuresOf(serialized);
  // TensorFlow looks at the features from the last to the first, and only then at those that are missing.
  for (const key of Object.keys(features).reverse()) columns.get(key)?.add(features[key]!, example);
  for (const [key, column] of columns) if (features[key] === undefined) column.missing(example);
}

/**
 * Does what TensorFlow's ParseExample does: serialized tf.Examples `[n]` as tensors, in its order: the indices of the sparse
 * features, their values, their shapes, then the dense features; only those that are `wanted`.
 * @throws ServingError INVALID_ARGUMENT in TensorFlow's words where an example or a feature does not fit; RESOURCE_EXHAUSTED
 * where the tensors would take more than 1 GiB; CANCELLED when the request is
 */
export async function parseExamples(
  plan: ParsePlan,
  input: Tensor | undefined,
  pace: Pace,
  wanted: readonly boolean[],
): Promise<readonly (Tensor | undefined)[]> {
  const { source, sparse, dense } = plan;
  if (input?.dtype !== "string") {
    throw invalidArgument(`${source} takes serialized tf.Examples, got ${input?.dtype ?? "nothing"}`);
  }
  if (input.shape.length !== 1) {
    throw invalidArgument(`${source} has the shape ${formatShape(input.shape)}; serialized tf.Examples come as [n]`);
  }
  const columns = columnsOf(plan, input.data.length, wanted);
  const serialized = input.data;
  for (let example = 0; example < serialized.length; example++) {
    addExample(columns, serialized[example]!, example);
    await pace.breathe();
  }
  const n = sparse.length;
  const outputs = new Array<Tensor | undefined>(3 * n + dense.length);
  for (const [i, { key }] of sparse.entries()) {
    [outputs[i], outputs[n + i], outputs[2 * n + i]] = await columns.get(key)!.tensors(pace.breathe);
  }
  for (const [i, { key }] of dense.entries()) [outputs[3 * n + i]] = await columns.get(key)!.tensors(pace.breathe);
  return outputs;
}
