import { censusOf } from "./census.js";
import type { OrtModel } from "./session.js";

/** Operators whose work is set by the values of their inputs: a caller could make one run take seconds. */
const valueDependent: ReadonlySet<string> = new Set([
  "AffineGrid",
  "BlackmanWindow",
  "CenterCropPad",
  "Col2Im",
  "ConstantOfShape",
  "DFT",
  "Expand",
  "HammingWindow",
  "HannWindow",
  "Loop",
  "MaxUnpool",
  "MelWeightMatrix",
  "OneHot",
  "Pad",
  "Range",
  "Resize",
  "STFT",
  "Tile",
  "Upsample",
]);

/** Larger models are not tiny, and not worth reading twice. */
const MAX_BYTES = 2 ** 20;

/**
 * Whether a model's run time depends on the sizes of its inputs alone, so that a run measured as short will be short
 * again. False where in doubt: subgraphs, functions, other domains, large or unreadable files.
 */
export async function isInlineSafe(model: OrtModel): Promise<boolean> {
  const census = await censusOf(model, MAX_BYTES);
  if (!census || census.nested || census.foreign) return false;
  return ![...census.ops].some((op) => valueDependent.has(op));
}
