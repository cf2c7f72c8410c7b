import type { KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { readSecret } from "../../../artifacts/secret.js";
import { readPublicKey } from "../../../artifacts/signature.js";
import { failedPrecondition, type Host, isPem, messageOf } from "../../../core/index.js";
import type { Headers } from "./client.js";
import type { HttpOptions } from "./options.js";

/** Where paths and names of options are from. */
export type House = Pick<Host, "baseDir" | "place">;

/** The headers for the configured URL's own origin. @throws FAILED_PRECONDITION */
export async function readHeaders({ headers, token }: HttpOptions, { baseDir, place }: House): Promise<Headers> {
  const read = async (option: string[], written: string) => {
    const value = await readSecret(place(option), written, baseDir);
    if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return value;
    throw failedPrecondition(`${place(option)}: a header cannot have such characters, perhaps a line end`);
  };
  const all: Record<string, string> = {};
  for (const [name, written] of Object.entries(headers))
    all[name.toLowerCase()] = await read(["headers", name], written);
  if (token !== undefined) all.authorization = `Bearer ${await read(["token"], token)}`;
  return all;
}

/** @throws FAILED_PRECONDITION */
export async function readKeys({ signature }: HttpOptions, { baseDir, place }: House): Promise<readonly KeyObject[]> {
  const keys: KeyObject[] = [];
  for (const [i, written] of (signature?.keys ?? []).entries()) {
    const option = place(["signature", "keys", i]);
    keys.push(readPublicKey(option, await readSecret(option, written, baseDir)));
  }
  return keys;
}

/** As PEM text. @throws FAILED_PRECONDITION */
export async function readAuthorities({ ca }: HttpOptions, { baseDir, place }: House): Promise<string | undefined> {
  if (ca === undefined || isPem(ca)) return ca;
  const path = resolve(baseDir, ca);
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw failedPrecondition(`${place(["ca"])}: cannot read ${path}: ${messageOf(error)}`, error);
  });
  if (isPem(text)) return text;
  throw failedPrecondition(`${place(["ca"])}: there is no certificate in PEM form in ${path}`);
}
