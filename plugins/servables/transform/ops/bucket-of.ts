import { modulo, type Uint64 } from "../../../../formats/fingerprint/uint64.js";

/** The largest count of buckets whose remainders are exact in doubles. */
const EXACT = 2 ** 26;

/** The remainder of a 64-bit hash by `buckets`, below 2 ** 31. */
export function bucketOf(hash: Uint64, buckets: number): number {
  if (buckets > EXACT) return Number(modulo(hash, BigInt(buckets)));
  return ((((hash.hi % buckets) * (2 ** 32 % buckets)) % buckets) + (hash.lo % buckets)) % buckets;
}
