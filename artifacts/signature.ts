import { Buffer } from "node:buffer";
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { promisify } from "node:util";
import { failedPrecondition, isServingError, messageOf, ServingError } from "../core/index.js";

/** Of an Ed25519 public key and signature (RFC 8032), bytes. */
const KEY = 32;
const SIGNATURE = 64;
/** What comes before the bytes of an Ed25519 public key in its DER form (RFC 8410). */
const derPrefix = Buffer.from("302a300506032b6570032100", "hex");

const verified = promisify(verify);
const base64 = (text: string, length: number): Buffer | undefined => {
  const compact = text.replace(/\s/g, "");
  const bytes = Buffer.from(compact, "base64");
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(compact) && bytes.length === length ? bytes : undefined;
};

/**
 * Reads an Ed25519 public key: PEM text, or the base64 of its 32 bytes.
 * @param option its name, for people
 * @throws FAILED_PRECONDITION when it is none
 */
export function readPublicKey(option: string, text: string): KeyObject {
  const raw = base64(text, KEY);
  if (!raw && !text.includes("-----BEGIN PUBLIC KEY-----"))
    throw failedPrecondition(
      `${option}: expected an Ed25519 public key, in PEM form or the base64 of its ${KEY} bytes`,
    );
  try {
    const key = raw
      ? createPublicKey({ key: Buffer.concat([derPrefix, raw]), format: "der", type: "spki" })
      : createPublicKey(text);
    if (key.asymmetricKeyType === "ed25519") return key;
    throw new Error(`it is of the type ${key.asymmetricKeyType}`);
  } catch (error) {
    throw failedPrecondition(`${option}: this is no Ed25519 public key: ${messageOf(error)}`, error);
  }
}

/**
 * Checks a detached signature, 64 bytes or the base64 of these, over exactly these bytes. That of any of the keys will
 * do, so that a new one can be announced before it is used.
 * @param what is signed, for people
 * @throws PERMISSION_DENIED
 */
export async function checkSignature(
  what: string,
  bytes: Uint8Array,
  signature: Uint8Array,
  keys: readonly KeyObject[],
): Promise<void> {
  const refused = (why: string) => new ServingError("PERMISSION_DENIED", `${what} is refused: ${why}`);
  const raw = signature.length === SIGNATURE ? signature : base64(Buffer.from(signature).toString("latin1"), SIGNATURE);
  if (!raw) throw refused(`its signature has ${signature.length} bytes; expected ${SIGNATURE}, or the base64 of these`);
  for (const key of keys) if (await verified(undefined, bytes, key, raw)) return;
  throw refused(
    `its signature is by none of the ${keys.length} configured keys, or it was changed after it was signed`,
  );
}

/**
 * Checks a manifest by the signature that lies beside it.
 * @param fetchBeside fetches the signature, which is at `beside`
 * @throws PERMISSION_DENIED where there is none, or none of the keys has made it
 */
export async function checkSignatureBeside(
  uri: string,
  bytes: Uint8Array,
  beside: string,
  fetchBeside: () => Promise<Uint8Array>,
  keys: readonly KeyObject[],
): Promise<void> {
  const signature = await fetchBeside().catch((error: unknown) => {
    if (!isServingError(error) || error.code !== "NOT_FOUND") throw error;
    throw new ServingError("PERMISSION_DENIED", `${uri} is refused: it is not signed: there is no ${beside}`);
  });
  await checkSignature(uri, bytes, signature, keys);
}
