/** Where a block of elements lies inside a row-major tensor. */
export type Placement = {
  readonly bytes: Uint8Array;
  readonly shape: readonly number[];
  readonly start: readonly number[];
};

/** Bytes from one row of a tensor to the next, per dimension. */
function strides(shape: readonly number[], item: number): number[] {
  const out = new Array<number>(shape.length);
  let step = item;
  for (let d = shape.length - 1; d >= 0; d--) {
    out[d] = step;
    step *= shape[d]!;
  }
  return out;
}

/** Copies a block of `size` elements per dimension, `item` bytes each, from one tensor into another. */
export function copyRegion(from: Placement, to: Placement, size: readonly number[], item: number): void {
  const [read, write] = [strides(from.shape, item), strides(to.shape, item)];
  const last = size.length - 1;
  const copy = (d: number, source: number, target: number): void => {
    const r = source + (from.start[d] ?? 0) * (read[d] ?? 0);
    const w = target + (to.start[d] ?? 0) * (write[d] ?? 0);
    if (d >= last) {
      to.bytes.set(from.bytes.subarray(r, r + (size[d] ?? 1) * item), w);
      return;
    }
    for (let i = 0; i < size[d]!; i++) copy(d + 1, r + i * read[d]!, w + i * write[d]!);
  };
  copy(0, 0, 0);
}
