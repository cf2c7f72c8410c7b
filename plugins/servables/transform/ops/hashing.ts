import { z } from "zod";
import { fingerprint64, fingerprintCat64 } from "../../../../formats/fingerprint/farm-hash.js";
import { sipHash } from "../../../../formats/fingerprint/sip-hash.js";
import { fromBigInt, hex, type Uint64 } from "../../../../formats/fingerprint/uint64.js";
import { bytesOf, type Column, describeType, type NumberColumn } from "../column.js";
import { bytesOfText } from "../text.js";
import { bucketOf } from "./bucket-of.js";
import { expectKeys, keysOf, wordsOf } from "./exact.js";
import { expectColumns, one } from "./expect.js";
import { defineOp, refuse } from "./op.js";
import { count } from "./values.js";

const saltPart = z.int().min(0);

export const hashOp = defineOp({
  name: "hash",
  about:
    "A bucket by the key's fingerprint, the same as in TensorFlow and in Keras's Hashing; whole numbers hash as their digits.",
  takes: "strings or whole numbers",
  gives: "int64",
  options: z.strictObject({
    buckets: count().describe("How many buckets."),
    salt: z
      .union([saltPart, z.tuple([saltPart, saltPart])], { error: "expected a whole number, or a list of two" })
      .optional()
      .describe("Hashes by SipHash with this key, as Keras does with a salt, rather than by FarmHash."),
    mask: z
      .union([z.string(), z.int()])
      .optional()
      .describe("The key that goes to bucket 0, alone; the others share the rest."),
  }),
  open: (inputs, { buckets, salt, mask }) => {
    const type = expectKeys(one(inputs));
    const [low, high] = typeof salt === "object" ? salt : [salt ?? 0, salt ?? 0];
    const key = [fromBigInt(BigInt(low)), fromBigInt(BigInt(high))] as const;
    const hashed = salt === undefined ? fingerprint64 : (bytes: Uint8Array) => sipHash(bytes, key);
    const masked = mask === undefined || buckets === 1 ? undefined : bytesOfText(String(mask));
    const open = masked ? buckets - 1 : buckets;
    return {
      types: [{ dtype: "int64", row: type.row, ids: buckets }],
      run: ([column]) => {
        const keys = keysOf(column!);
        const values = new Int32Array(keys.length);
        for (let i = 0; i < keys.length; i++) {
          if (!masked) values[i] = bucketOf(hashed(keys[i]!), open);
          else values[i] = Buffer.compare(keys[i]!, masked) === 0 ? 0 : 1 + bucketOf(hashed(keys[i]!), open);
        }
        return [{ dtype: "int64", row: column!.row, values }];
      },
    };
  },
});

/** What TensorFlow's crossings begin with when no key is given. */
const CROSS_KEY = hex("000000decafcaffe");

/** Of a string its fingerprint, of a whole number itself. */
const featuresOf = (column: Column): ((index: number) => Uint64) => {
  if (column.dtype !== "string") return wordsOf(column as NumberColumn);
  const items = bytesOf(column);
  return (i) => fingerprint64(items[i]!);
};

export const crossOp = defineOp({
  name: "cross",
  about: "A bucket for the values of several columns together, the same as in Keras's HashedCrossing.",
  takes: "2 or more columns of strings or whole numbers, one value a row",
  gives: "int64",
  options: z.strictObject({ buckets: count().describe("How many buckets.") }),
  open: (inputs, { buckets }) => {
    expectColumns(inputs, 2, Number.POSITIVE_INFINITY);
    for (const type of inputs) {
      expectKeys(type);
      if (type.row.length > 0) refuse(`expected one value a row, got ${describeType(type)}`);
    }
    return {
      types: [{ dtype: "int64", row: [], ids: buckets }],
      run: (columns, rows) => {
        const features = columns.map(featuresOf);
        const values = new Int32Array(rows);
        for (let row = 0; row < rows; row++) {
          let hash = CROSS_KEY;
          for (const feature of features) hash = fingerprintCat64(hash, feature(row));
          values[row] = bucketOf(hash, buckets);
        }
        return [{ dtype: "int64", row: [], values }];
      },
    };
  },
});
