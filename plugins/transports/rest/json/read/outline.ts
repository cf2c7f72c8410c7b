import { invalidArgument } from "../../../../../core/index.js";
import { OPEN_OBJECT, QUOTE, skipSpace } from "../scan/chars.js";
import { parseError } from "../scan/parse-error.js";
import { createSkimmer, type Range } from "../scan/skimmer.js";
import { finish } from "../slices.js";
import { valueError } from "./quote.js";
import { textOf } from "./text.js";

/** A request body whose syntax is right, and where its parts are. */
export type Outline = {
  readonly json: Buffer;
  /** Offset of the top-level object. */
  readonly start: number;
  readonly signatureName?: string;
  /** Offsets of the values of those members that were asked for and are there. */
  readonly members: ReadonlyMap<string, number>;
};

const SIGNATURE = "signature_name";

const skipMark = (json: Buffer): number => (json[0] === 0xef && json[1] === 0xbb && json[2] === 0xbf ? 3 : 0);

/**
 * Checks the syntax of the whole body and finds its signature's name and the members called `names`; of members of one
 * name the first counts.
 * @throws INVALID_ARGUMENT
 */
export async function readOutline(json: Buffer, names: ReadonlySet<string>, signal: AbortSignal): Promise<Outline> {
  if (json.length === 0) throw invalidArgument("JSON Parse error: The document is empty");
  const start = skipSpace(json, skipMark(json));
  if (start >= json.length) throw parseError("empty", start);
  const longest = Math.max(...Array.from([SIGNATURE, ...names], (name) => name.length)) * "\\u0000".length;
  const found = new Map<string, Range>();
  const skimmer = createSkimmer(json, start, (key, value) => {
    if (key.end - key.start > longest) return;
    const name = textOf(json, key.start, key.end);
    if ((name === SIGNATURE || names.has(name)) && !found.has(name)) found.set(name, value);
  });
  await finish(skimmer, signal);
  if (json[start] !== OPEN_OBJECT) throw valueError(json, start, "Is not object");

  const signature = found.get(SIGNATURE);
  if (signature !== undefined && json[signature.start] !== QUOTE) {
    throw valueError(json, start, "not formatted correctly. 'signature_name' key must be a string value.");
  }
  found.delete(SIGNATURE);
  return {
    json,
    start,
    signatureName: signature && textOf(json, signature.start + 1, signature.end - 1),
    members: new Map(Array.from(found, ([name, range]) => [name, range.start])),
  };
}
