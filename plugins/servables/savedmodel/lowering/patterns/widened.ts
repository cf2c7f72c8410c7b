import { tensor } from "../../../../../core/index.js";
import { constantOf } from "../constant.js";
import { isImage } from "../image.js";
import type { RuleContext } from "../rule.js";
import type { Value } from "../value.js";

/** ONNX Runtime broadcasts a last dimension row by row, which up to about this width costs more than what it computes. */
const NARROW = 32;

const LOOKUPS: ReadonlySet<string> = new Set(["GatherV2", "ResourceGather"]);

/** The size of the last dimension, whatever ranks the signature's inputs come with; -1 when it is not known. */
function width(c: RuleContext, value: Value): number {
  if (c.settledRank(value) !== undefined) return value.shape!.at(-1) ?? -1;
  const table = value.origin && LOOKUPS.has(value.origin.op) ? value.origin.inputs[0] : undefined;
  const looksUpRows = table?.constant && table.shape?.length === 2 && value.shape?.at(-1) === table.shape[1];
  return looksUpRows ? table.shape[1]! : -1;
}

/**
 * The operands of an elementwise operator, by their names: one whose last dimension is 1 beside a few is widened by a
 * product with ones, which is exact (a negative zero aside, which turns positive) and several times faster than
 * broadcasting. Models that scale embeddings do nothing else as often. undefined where that does not help.
 */
export function widened(c: RuleContext, x: Value, y: Value): readonly [string, string] | undefined {
  if (x.dtype !== "float32" || isImage(x) || isImage(y)) return undefined;
  const [own, other] = [width(c, x), width(c, y)];
  if (own === 1) {
    const wide = widen(c, x, other);
    return wide === undefined ? undefined : [wide, c.plain(y)];
  }
  const wide = other === 1 ? widen(c, y, own) : undefined;
  return wide === undefined ? undefined : [c.plain(x), wide];
}

function widen(c: RuleContext, narrow: Value, width: number): string | undefined {
  if (width < 2 || width > NARROW || narrow.constant) return undefined;
  // A single item is broadcast fast; one dimension alone would be taken for a vector.
  if (narrow.shape!.length < 2 || narrow.shape!.every((size) => size === 1)) return undefined;
  const ones = c.constant(constantOf(tensor("float32", [1, width], new Float32Array(width).fill(1))));
  return c.emit("MatMul", [narrow, ones]);
}
