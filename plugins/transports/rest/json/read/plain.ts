import { DEFAULT_SIGNATURE, record, type Signature, type Tensor, type Tensors } from "../../../../../core/index.js";
import {
  BACKSLASH,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
  SPACE,
  skipSpace,
} from "../scan/chars.js";
import type { Resumable } from "../slices.js";
import { createPlainNumbers, notPlain } from "./plain-numbers.js";

/** What a predict request asks. */
export type Asked = {
  readonly form: "row" | "columnar";
  readonly signature: string;
  readonly inputs: Tensors;
};

/** Reads a body once: its syntax and its values together. */
export interface PlainReader extends Resumable {
  asked(): Asked;
}

const FORMS: Readonly<Record<string, Asked["form"]>> = { instances: "row", inputs: "columnar" };
const SIGNATURE = "signature_name";
/** Keys and names of signatures that are longer are not what most clients send. */
const LONGEST = 64;

/** The text between quotes at `at`, if it is printed ASCII without escapes. @throws notPlain */
function plainText(json: Buffer, at: number): string {
  if (json[at] !== QUOTE) throw notPlain;
  let end = at + 1;
  while (json[end] !== QUOTE) {
    const char = json[end];
    if (char === undefined || char < SPACE || char > 0x7e || char === BACKSLASH || end - at > LONGEST) throw notPlain;
    end++;
  }
  return json.toString("latin1", at + 1, end);
}

/** The place of the value that follows the key before `at`. @throws notPlain */
function valueAfter(json: Buffer, at: number): number {
  const colon = skipSpace(json, at);
  if (json[colon] !== COLON) throw notPlain;
  return skipSpace(json, colon + 1);
}

/**
 * Reads the body of a predict request that is like most: numbers for the only input of a signature, floats as that is,
 * and beside them at most the signature's name. All else makes it or its `step` throw `notPlain` or some other error,
 * which says nothing of what is wrong, or whether anything is: then the readers who know all forms begin anew.
 */
export function createPlainReader(json: Buffer, signatures: Readonly<Record<string, Signature>>): PlainReader {
  let at = skipSpace(json, 0);
  if (json[at] !== OPEN_OBJECT) throw notPlain;
  at = skipSpace(json, at + 1);
  let signature: string | undefined;

  /** The member whose key is `SIGNATURE` and ends before `from`. */
  function readSignature(from: number): void {
    const value = valueAfter(json, from);
    if (signature !== undefined) throw notPlain;
    signature = plainText(json, value);
    at = skipSpace(json, value + signature.length + 2);
  }

  let key = plainText(json, at);
  if (key === SIGNATURE) {
    readSignature(at + key.length + 2);
    if (json[at] !== COMMA) throw notPlain;
    at = skipSpace(json, at + 1);
    key = plainText(json, at);
  }
  const form = Object.hasOwn(FORMS, key) ? FORMS[key] : undefined;
  const name = signature || DEFAULT_SIGNATURE;
  const wanted = Object.hasOwn(signatures, name) ? signatures[name] : undefined;
  if (form === undefined || wanted === undefined) throw notPlain;
  const names = Object.keys(wanted.inputs);
  const input = names[0] ?? "";
  const dtype = wanted.inputs[input]?.dtype;
  if (names.length !== 1 || (dtype !== "float32" && dtype !== "float64")) throw notPlain;
  at = valueAfter(json, at + key.length + 2);
  if (form === "row" && json[at] !== OPEN_LIST) throw notPlain;
  const numbers = createPlainNumbers(json, at, dtype);

  /** What stands behind the numbers. */
  function end(): void {
    at = skipSpace(json, numbers.at);
    if (json[at] === COMMA) {
      at = skipSpace(json, at + 1);
      const last = plainText(json, at);
      if (last !== SIGNATURE) throw notPlain;
      readSignature(at + last.length + 2);
      // Its tensors have been read as another's.
      if ((signature || DEFAULT_SIGNATURE) !== name) throw notPlain;
    }
    if (json[at] !== CLOSE_OBJECT) throw notPlain;
  }

  return {
    step: (limit) => {
      if (!numbers.step(limit)) return false;
      end();
      return true;
    },
    get at() {
      return numbers.at;
    },
    asked: () => {
      const tensor = { dtype, shape: numbers.shape(), data: numbers.data() } as Tensor;
      return { form, signature: name, inputs: record([[input, tensor]]) };
    },
  };
}
