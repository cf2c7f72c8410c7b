import { elementCount, tensor } from "../../../../../core/index.js";
import { fingerprint64 } from "../../../../../formats/fingerprint/farm-hash.js";
import { murmurHash } from "../../../../../formats/fingerprint/murmur-hash.js";
import { sipHash } from "../../../../../formats/fingerprint/sip-hash.js";
import { fromBigInt, modulo, type Uint64 } from "../../../../../formats/fingerprint/uint64.js";
import type { HostOp, Kernel } from "../host-op.js";
import { stringsOf } from "../strings.js";
import { blank } from "../tensors.js";

export type Buckets = { readonly buckets: bigint };
export type KeyedBuckets = Buckets & { readonly key: readonly [bigint, bigint] };

const hashed =
  (hash: (item: Uint8Array) => Uint64, buckets: bigint): Kernel =>
  async ([given], pace) => {
    const strings = stringsOf(given);
    const places = new BigInt64Array(strings.length);
    await pace.each(strings.length, (i) => {
      places[i] = modulo(hash(strings[i]!), buckets);
    });
    return [tensor("int64", given!.shape, places)];
  };

export const hashFastOp: HostOp<Buckets> = {
  name: "StringToHashBucketFast",
  open: ({ buckets }) => hashed(fingerprint64, buckets),
};
export const hashLegacyOp: HostOp<Buckets> = {
  name: "StringToHashBucket",
  open: ({ buckets }) => hashed(murmurHash, buckets),
};
export const hashStrongOp: HostOp<KeyedBuckets> = {
  name: "StringToHashBucketStrong",
  open: ({ buckets, key: [low, high] }) => {
    const key = [fromBigInt(low), fromBigInt(high)] as const;
    return hashed((item) => sipHash(item, key), buckets);
  },
};

/** FarmHash of each row of strings, as eight bytes, the lowest first. A row of more than one string hashes their hashes. */
export const fingerprintOp: HostOp<Record<string, never>> = {
  name: "Fingerprint",
  open:
    () =>
    async ([given], pace) => {
      const strings = stringsOf(given);
      const [rows = 0, ...rest] = given!.shape;
      const width = elementCount(rest);
      const { tensor: result } = blank("uint8", [rows, 8]);
      const view = new DataView((result.data as Uint8Array).buffer);
      const write = (target: DataView, at: number, { hi, lo }: Uint64) => {
        target.setUint32(at, lo, true);
        target.setUint32(at + 4, hi, true);
      };
      await pace.each(rows, (row) => {
        const hashes = strings.slice(row * width, (row + 1) * width).map(fingerprint64);
        if (width === 1) return write(view, row * 8, hashes[0]!);
        const all = new Uint8Array(width * 8);
        for (const [i, hash] of hashes.entries()) write(new DataView(all.buffer), i * 8, hash);
        return write(view, row * 8, fingerprint64(all));
      });
      return [result];
    },
};
