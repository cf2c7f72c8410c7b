import { type DType, dataLoss, elementCount, layouts } from "../../../../core/index.js";
import { copyRegion } from "../../../../formats/tensor-bundle/region.js";
import { type Constant, constantBytes, storedConstant } from "../lowering/constant.js";

/** `6 3 0,3:-`: the whole's sizes, then per dimension "start,length", or "-" for all of it. */
function parse(text: string, shape: readonly number[]): { start: number[]; size: number[] } | undefined {
  const parts = text.trim().split(" ");
  const ranges = parts.pop()?.split(":") ?? [];
  const sizes = parts.map(Number);
  if (sizes.join() !== shape.join() || ranges.length !== shape.length) return undefined;
  const pairs = ranges.map((range, d) => (range === "-" ? [0, shape[d]!] : range.split(",").map(Number)));
  const valid = pairs.every(([start = -1, size = -1], d) => start >= 0 && size >= 0 && start + size <= shape[d]!);
  return valid ? { start: pairs.map(([start]) => start!), size: pairs.map(([, size]) => size!) } : undefined;
}

/**
 * A part of a stored tensor, written as in RestoreV2's `shape_and_slices`.
 * @throws DATA_LOSS when the text is none, or lies outside the tensor
 */
export function restoredSlice(whole: Constant, text: string): Constant {
  const part = parse(text, whole.shape);
  if (!part) throw dataLoss(`"${text}" is no part of ${whole.id} of shape [${whole.shape}]`);
  const dtype = whole.dtype as Exclude<DType, "string">;
  const { start, size } = part;
  return storedConstant(`${whole.id} ${text}`, dtype, size, (target) => {
    const bytes = new Uint8Array(constantBytes(whole));
    whole.fill(bytes);
    const to = { bytes: target, shape: size, start: size.map(() => 0) };
    if (elementCount(size) > 0) copyRegion({ bytes, shape: whole.shape, start }, to, size, layouts[dtype].bytes);
  });
}
