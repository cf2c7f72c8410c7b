import { invalidArgument } from "../../../../../core/index.js";
import { OPEN_OBJECT, QUOTE, skipSpace } from "../scan/chars.js";
import { parseError } from "../scan/parse-error.js";
import { createSkimmer, type Range } from "../scan/skimmer.js";
import { finish } from "../slices.js";
import { quote, valueError } from "./quote.js";
import { textOf } from "./text.js";

/** A request body of which only the outline is known. */
export type Document = {
  readonly json: Buffer;
  /** Offset of the top-level object. */
  readonly start: number;
  readonly signatureName?: string;
  /** Offsets of the values. */
  readonly instances?: number;
  readonly inputs?: number;
};

const NAMES = new Set(["signature_name", "instances", "inputs"]);
const LONGEST_KEY = Math.max(...Array.from(NAMES, (name) => name.length)) * "\\u0000".length;

const skipMark = (json: Buffer): number => (json[0] === 0xef && json[1] === 0xbb && json[2] === 0xbf ? 3 : 0);

/**
 * Checks the syntax of the whole body and finds what a predict request is made of; of members of one name the first
 * counts.
 * @throws INVALID_ARGUMENT
 */
export async function readDocument(json: Buffer, signal: AbortSignal): Promise<Document> {
  if (json.length === 0) throw invalidArgument("JSON Parse error: The document is empty");
  const start = skipSpace(json, skipMark(json));
  if (start >= json.length) throw parseError("empty", start);
  const found = new Map<string, Range>();
  const skimmer = createSkimmer(json, start, (key, value) => {
    if (key.end - key.start > LONGEST_KEY) return;
    const name = textOf(json, key.start, key.end);
    if (NAMES.has(name) && !found.has(name)) found.set(name, value);
  });
  await finish(skimmer, signal);
  if (json[start] !== OPEN_OBJECT) throw valueError(json, start, "Is not object");

  const signature = found.get("signature_name");
  if (signature !== undefined && json[signature.start] !== QUOTE) {
    throw valueError(json, start, "not formatted correctly. 'signature_name' key must be a string value.");
  }
  return {
    json,
    start,
    signatureName: signature && textOf(json, signature.start + 1, signature.end - 1),
    instances: found.get("instances")?.start,
    inputs: found.get("inputs")?.start,
  };
}

/** Which of the two forms the body has. @throws INVALID_ARGUMENT when both or none */
export function formOf({ json, start, instances, inputs }: Document): "row" | "columnar" {
  if (instances !== undefined && inputs !== undefined) {
    throw invalidArgument(
      `JSON Value: ${quote(json, start)} Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist`,
    );
  }
  if (instances === undefined && inputs === undefined) throw invalidArgument("Missing 'inputs' or 'instances' key");
  return instances === undefined ? "columnar" : "row";
}
