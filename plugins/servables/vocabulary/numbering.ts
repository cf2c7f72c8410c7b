import { failedPrecondition } from "../../../core/index.js";
import { fingerprint64 } from "../../../formats/fingerprint/farm-hash.js";
import { modulo } from "../../../formats/fingerprint/uint64.js";
import type { VocabularyOptions } from "./options.js";
import { lookUp } from "./table/look-up.js";
import { indexOfId, sizeOf, type Table, tokenAt } from "./table/table.js";

export type NumberingOptions = Pick<
  VocabularyOptions,
  "oovBuckets" | "oovPosition" | "defaultId" | "unknownToken" | "maskToken"
>;

/** Which ids the tokens of a table have, and which those that it lacks. */
export interface Numbering {
  /** Tells `give` the id of each token from `from` to `to`; ids are below 2 ** 53 in size. */
  idsOf(tokens: readonly Uint8Array[], from: number, to: number, give: (at: number, id: number) => void): void;
  tokenOf(id: number): Uint8Array;
}

/**
 * With `oovPosition: last` ids are those of tf.lookup.StaticVocabularyTable, or with no buckets of StaticHashTable; with
 * `first` those of Keras' StringLookup.
 * @throws FAILED_PRECONDITION when the table has ids of its own that those of the buckets or of the mask would meet
 */
export function numberingOf(table: Table, options: NumberingOptions): Numbering {
  const { oovBuckets, oovPosition, defaultId, unknownToken, maskToken } = options;
  const size = sizeOf(table);
  const before = (maskToken === undefined ? 0 : 1) + (oovPosition === "first" ? oovBuckets : 0);
  const firstBucket = oovPosition === "last" ? before + size : before - oovBuckets;
  const { ids } = table;
  if (ids && before > 0) {
    throw failedPrecondition("the file gives ids that have gaps: leave out maskToken and oovPosition");
  }
  const highest = ids?.[size - 1] ?? size - 1;
  if (oovBuckets > 0 && highest >= size) {
    throw failedPrecondition(
      `the ids of the buckets begin at ${size}, the number of tokens, and the file has the id ${highest}: leave out oovBuckets`,
    );
  }
  const mask = maskToken === undefined ? undefined : Buffer.from(maskToken);
  const unknown = Uint8Array.from(Buffer.from(unknownToken));
  const buckets = BigInt(oovBuckets);

  const idOf = (token: Uint8Array, index: number): number => {
    if (mask?.equals(token)) return 0;
    if (index >= 0) return ids ? ids[index]! : before + index;
    return oovBuckets === 0 ? defaultId : firstBucket + Number(modulo(fingerprint64(token), buckets));
  };

  return {
    idsOf: (tokens, from, to, give) =>
      lookUp(table, tokens, from, to, (at, index) => give(at, idOf(tokens[at]!, index))),
    tokenOf: (id) => {
      if (mask && id === 0) return mask;
      const index = indexOfId(table, id - before);
      return index < 0 ? unknown : tokenAt(table, index);
    },
  };
}
