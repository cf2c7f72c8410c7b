/** The value of each of the 65,536 patterns of IEEE 754 binary16, made at first use. */
let values: Float32Array | undefined;

function valueAt(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** A table from the bits of a float16 to its value. 256 KiB, shared by all who ask in this thread. */
export function float16Values(): Float32Array {
  values ??= Float32Array.from({ length: 65_536 }, (_, bits) => valueAt(bits));
  return values;
}

/** The bits of the float16 nearest to `value`, ties to even; beyond the largest, infinity. */
export function toFloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size >= 65_520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(size || 2 ** -24)));
  // In units of the last place; a fraction of one half goes to the even neighbour.
  const scaled = size / 2 ** (exponent - 10);
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  const rounded = floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1 : 0);
  return sign | (rounded < 1024 ? rounded : rounded + (exponent + 14) * 1024);
}
