import { crossOp } from "../../steps/families/crossing.js";
import { fingerprintOp, hashFastOp, hashLegacyOp, hashStrongOp } from "../../steps/families/hashing.js";
import type { RuleContext, Rules } from "../rule.js";
import type { Value } from "../value.js";
import { none, pointwise } from "./strings.js";
import { sparseResults } from "./tokens.js";

function buckets(c: RuleContext): bigint {
  const count = c.attrs.bigint("num_buckets");
  return count >= 1n ? count : c.refuse(`it has ${count} buckets`);
}

function fingerprint(c: RuleContext): Value {
  const [value, method] = [c.input(0), c.known(1, "its method")];
  const name = method.dtype === "string" ? new TextDecoder().decode(method.data[0]) : "";
  if (value.dtype !== "string" || name !== "farmhash64") c.refuse(`it makes fingerprints of ${value.dtype} by ${name}`);
  return c.value(c.host(fingerprintOp, none(), [value])[0]!, [-1, 8], { certain: true });
}

/** The outputs of crossed columns are a sparse tensor. */
function cross(c: RuleContext): readonly Value[] {
  if (!c.attrs.flag("hashed_output")) c.refuse("it joins strings");
  if (c.attrs.dtype("out_type") !== "int64") c.refuse(`its out_type is ${c.attrs.dtype("out_type")}`);
  const attributes = {
    sparse: c.attrs.int("N"),
    buckets: c.attrs.bigint("num_buckets"),
    key: c.attrs.bigint("hash_key"),
  };
  for (const value of c.inputs.slice(3 * attributes.sparse)) c.requireRank(value, 2);
  return sparseResults(c, c.host(crossOp, attributes, c.inputs));
}

export const hashingRules: Rules = {
  StringToHashBucketFast: pointwise(hashFastOp, (c) => ({ buckets: buckets(c) })),
  StringToHashBucket: pointwise(hashLegacyOp, (c) => ({ buckets: buckets(c) })),
  StringToHashBucketStrong: pointwise(hashStrongOp, (c) => {
    const [low, high] = c.attrs.bigints("key");
    if (low === undefined || high === undefined) return c.refuse("its key has not two parts");
    return { buckets: buckets(c), key: [low, high] as const };
  }),
  Fingerprint: fingerprint,
  SparseCross: cross,
};
