import type { Matrix } from "./matrix.js";

export type Place = { readonly row: number; readonly column: number };

// The bits of the exponent, all of them set in what is not finite.
const exponents = { float32: 0x7f800000, float16: 0x7c00, bfloat16: 0x7f80 } as const;

/** The first NaN or infinity of a table; undefined where all is finite. About 1 ns a number. */
export function firstNotFinite({ dtype, width, shift, segments }: Matrix): Place | undefined {
  if (dtype === "int8") return undefined;
  const exponent = exponents[dtype];
  for (const [i, segment] of segments.entries()) {
    const { buffer, byteOffset, length } = segment;
    const bits = dtype === "float32" ? new Int32Array(buffer, byteOffset, length) : (segment as Uint16Array);
    for (let at = 0; at < length; at++) {
      if ((bits[at]! & exponent) !== exponent) continue;
      return { row: i * 2 ** shift + Math.floor(at / width), column: at % width };
    }
  }
  return undefined;
}
