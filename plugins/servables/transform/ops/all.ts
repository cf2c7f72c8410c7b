import { arithmeticOps } from "./arithmetic.js";
import { bucketizeOp } from "./bucketize.js";
import { castOp } from "./cast.js";
import { dateOp } from "./date.js";
import { multiHotOp, oneHotOp } from "./encoding.js";
import { crossOp, hashOp } from "./hashing.js";
import { imageOp } from "./image.js";
import { imputeOp } from "./impute.js";
import { lookupOp } from "./lookup.js";
import { clipOp, mathOps } from "./math.js";
import type { AnyOp } from "./op.js";
import { minMaxOp, robustOp, standardizeOp } from "./scaling.js";
import { concatOp, padOp, reshapeOp } from "./shaping.js";
import { ngramsOp, normalizeTextOp, splitOp } from "./strings.js";
import { tokenizerOp } from "./tokenizer.js";
import { wordpieceOp } from "./wordpiece.js";

/** Every kind of step, by its name. */
export const ops: ReadonlyMap<string, AnyOp> = new Map(
  [
    imputeOp,
    standardizeOp,
    minMaxOp,
    robustOp,
    clipOp,
    ...mathOps,
    ...arithmeticOps,
    bucketizeOp,
    lookupOp,
    hashOp,
    crossOp,
    oneHotOp,
    multiHotOp,
    normalizeTextOp,
    splitOp,
    ngramsOp,
    wordpieceOp,
    tokenizerOp,
    dateOp,
    imageOp,
    castOp,
    concatOp,
    reshapeOp,
    padOp,
  ].map((op) => [op.name, op]),
);
