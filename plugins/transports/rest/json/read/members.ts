import { CLOSE_OBJECT, QUOTE, skipSpace } from "../scan/chars.js";
import { createSkimmer } from "../scan/skimmer.js";
import { finish } from "../slices.js";
import { textEnd, textOf } from "./text.js";

export type Key = { readonly name: string; readonly value: number };

/** The key of the member at or after `at` (behind a brace or a comma); undefined where the object ends. */
export function readKey(json: Buffer, at: number): Key | undefined {
  const quote = skipSpace(json, at);
  if (json[quote] !== QUOTE) return undefined;
  const end = textEnd(json, quote + 1);
  return { name: textOf(json, quote + 1, end), value: valueAfter(json, end + 1) };
}

/** The offset of the value that belongs to the key before `at`, behind its colon. */
export const valueAfter = (json: Buffer, at: number): number => skipSpace(json, skipSpace(json, at) + 1);

/** Whether the bytes at `at` are `bytes`. */
export function startsWith(json: Buffer, at: number, bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (json[at + i] !== bytes[i]) return false;
  return true;
}

/** Whether the object whose value ends before `at` ends too. */
export const isLast = (json: Buffer, at: number): boolean => json[skipSpace(json, at)] === CLOSE_OBJECT;

/** The offset after the value at `at`. */
export async function skipValue(json: Buffer, at: number, signal: AbortSignal): Promise<number> {
  const skimmer = createSkimmer(json, at);
  await finish(skimmer, signal);
  return skimmer.at;
}
