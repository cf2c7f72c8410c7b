import { arrayRules } from "./families/arrays.js";
import { binaryRules } from "./families/binary.js";
import { bitwiseRules } from "./families/bitwise.js";
import { blockRules } from "./families/blocks.js";
import { branchRules } from "./families/branches.js";
import { categoryRules } from "./families/categories.js";
import { checkingRules } from "./families/checking.js";
import { colorRules } from "./families/colors.js";
import { convolutionRules } from "./families/convolution.js";
import { cumulationRules } from "./families/cumulation.js";
import { diagonalRules } from "./families/diagonals.js";
import { divisionRules } from "./families/division.js";
import { einsumRules } from "./families/einsum.js";
import { elementwiseRules } from "./families/elementwise.js";
import { gatheringRules } from "./families/gathering.js";
import { hashingRules } from "./families/hashing.js";
import { joiningRules } from "./families/joining.js";
import { listRules } from "./families/lists.js";
import { loopRules } from "./families/loops.js";
import { lossRules } from "./families/losses.js";
import { matmulRules } from "./families/matmul.js";
import { normalizationRules } from "./families/normalization.js";
import { parsingRules } from "./families/parsing.js";
import { poolingRules } from "./families/pooling.js";
import { quantizationRules } from "./families/quantization.js";
import { raggedRules } from "./families/ragged.js";
import { reductionRules } from "./families/reduction.js";
import { resizingRules } from "./families/resizing.js";
import { scatteringRules } from "./families/scattering.js";
import { searchingRules } from "./families/searching.js";
import { segmentRules } from "./families/segments.js";
import { shapeRules } from "./families/shape.js";
import { slicingRules } from "./families/slicing.js";
import { sourceRules } from "./families/sources.js";
import { sparseRules } from "./families/sparse.js";
import { specialRules } from "./families/special.js";
import { stringRules } from "./families/strings.js";
import { tableRules } from "./families/tables.js";
import { tokenRules } from "./families/tokens.js";
import type { Rule, Rules } from "./rule.js";

/** Every operator that can be lowered, by family and by TensorFlow's name for it. */
export const families: Readonly<Record<string, Rules>> = {
  Variables: sourceRules,
  Branches: branchRules,
  Loops: loopRules,
  "Lists of tensors": listRules,
  "Tensor arrays of TensorFlow 1": arrayRules,
  "Elementwise, one operand": elementwiseRules,
  "Elementwise, two operands and more": binaryRules,
  Division: divisionRules,
  Bits: bitwiseRules,
  "Special functions": specialRules,
  Quantization: quantizationRules,
  Checks: checkingRules,
  Products: { ...matmulRules, ...einsumRules },
  Convolution: convolutionRules,
  Pooling: poolingRules,
  "Blocks of pixels": blockRules,
  Resizing: resizingRules,
  Colors: colorRules,
  "Biases and normalization": normalizationRules,
  Reduction: reductionRules,
  Cumulation: cumulationRules,
  Losses: lossRules,
  "Shape and layout": shapeRules,
  Slices: slicingRules,
  Gathering: gatheringRules,
  Scattering: scatteringRules,
  Segments: segmentRules,
  "Sorting and searching": searchingRules,
  "Diagonals and triangles": diagonalRules,
  "Joining and splitting": joiningRules,
  Examples: parsingRules,
  "Buckets and counts": categoryRules,
  "Tables and vocabularies": tableRules,
  Tokens: tokenRules,
  Strings: stringRules,
  "Ragged tensors": raggedRules,
  "Sparse tensors": sparseRules,
  Hashing: hashingRules,
};

export const rules: ReadonlyMap<string, Rule> = new Map(
  Object.values(families).flatMap((family) => Object.entries(family)),
);

/** Operators that know what to do with a list of tensors, and those that only pass it on. */
const LIST_OPERATORS = new Set<string>([
  "Identity",
  ...[branchRules, loopRules, listRules, arrayRules].flatMap((family) => Object.keys(family)),
]);
export const takesLists = (op: string): boolean => LIST_OPERATORS.has(op);

const TABLE_OPERATORS = new Set<string>(["Identity", ...Object.keys(tableRules)]);
export const takesTables = (op: string): boolean => TABLE_OPERATORS.has(op);
