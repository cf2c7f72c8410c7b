import { internal } from "../../../../core/index.js";
import { evaluateOp } from "./evaluate/evaluate.js";
import * as coding from "./families/coding.js";
import { bincountOp, raggedBincountOp } from "./families/counting.js";
import { crossOp } from "./families/crossing.js";
import { fingerprintOp, hashFastOp, hashLegacyOp, hashStrongOp } from "./families/hashing.js";
import { lookupOp } from "./families/lookup.js";
import { asStringOp, toNumberOp } from "./families/numbers.js";
import { parseExamplesOp } from "./families/parsing.js";
import { raggedToSparseOp, raggedToTensorOp } from "./families/ragged.js";
import { regexFullMatchOp, regexReplaceOp } from "./families/regex.js";
import { fillEmptyRowsOp, sparseReshapeOp } from "./families/sparse.js";
import { ngramsOp, splitAtAnyOp, splitOp } from "./families/split.js";
import * as text from "./families/text.js";
import { unicodeDecodeOp, unicodeEncodeOp, unicodeTranscodeOp } from "./families/unicode.js";
import type { AnyHostOp, Kernel } from "./host-op.js";

/** Every operator that runs on the host, by its name. */
const hostOps: ReadonlyMap<string, AnyHostOp> = new Map(
  [
    evaluateOp,
    parseExamplesOp,
    lookupOp,
    ...Object.values(text),
    ...Object.values(coding),
    asStringOp,
    toNumberOp,
    fingerprintOp,
    hashFastOp,
    hashLegacyOp,
    hashStrongOp,
    crossOp,
    regexReplaceOp,
    regexFullMatchOp,
    sparseReshapeOp,
    fillEmptyRowsOp,
    splitOp,
    splitAtAnyOp,
    ngramsOp,
    unicodeDecodeOp,
    unicodeEncodeOp,
    unicodeTranscodeOp,
    raggedToTensorOp,
    raggedToSparseOp,
    bincountOp,
    raggedBincountOp,
  ].map((op) => [op.name, op as AnyHostOp]),
);

export function openHostOp(name: string, attributes: unknown): Kernel {
  const op = hostOps.get(name);
  if (!op) throw internal(`there is no host operator "${name}"`);
  return op.open(attributes as never);
}
