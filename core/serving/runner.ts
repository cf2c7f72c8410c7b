import { invalidArgument } from "../errors.js";
import type { Lease } from "../frontend.js";
import { DEFAULT_SIGNATURE, type Signature } from "../signature.js";

/** What Classify, Regress and MultiInference need of a version: a lease, or a version that is not yet available. */
export type Runner = Pick<Lease, "signatures" | "predict"> & {
  /** Whether a signature's method must be that of the request. */
  readonly checkMethods?: boolean;
};

export const signatureName = (name: string): string => name || DEFAULT_SIGNATURE;

/** @throws ServingError INVALID_ARGUMENT that begins with `text` where there is no such signature */
export function signatureOf({ signatures }: Runner, name: string, text: string): Signature {
  const signature = Object.hasOwn(signatures, name) ? signatures[name] : undefined;
  if (!signature) throw invalidArgument(`${text}: ${name}`);
  return signature;
}

/** What was looked for in vain by Classify and Regress. */
export const UNKNOWN = "No signature was found with the name";
