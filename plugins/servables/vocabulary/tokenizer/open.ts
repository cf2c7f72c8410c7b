import {
  type Call,
  DEFAULT_SIGNATURE,
  invalidArgument,
  type Logger,
  type Servable,
  type Signature,
  type Tensors,
  tensor,
} from "../../../../core/index.js";
import {
  buffersOf,
  openPool,
  type PackedStrings,
  type Pool,
  packStrings,
  unpackStrings,
} from "../../../runtimes/threads/index.js";
import type { VocabularyOptions } from "../options.js";
import type { DecodeRequest, EncodeRequest, Opened, OpenRequest } from "./messages.js";
import type { Rows } from "./rows.js";

type TokenizerPool = Pool<Opened>;

const row = { dtype: "int64", shape: [-1, -1] } as const;

/** Texts of several callers would be filled up to the longest of them all. */
const alone = { batched: false } as const;

function signaturesOf({ typeIds }: Opened, padding: VocabularyOptions["padding"]): Readonly<Record<string, Signature>> {
  return {
    [DEFAULT_SIGNATURE]: {
      inputs: { text: { dtype: "string", shape: [-1] } },
      outputs: {
        input_ids: row,
        attention_mask: row,
        ...(typeIds ? { token_type_ids: row } : {}),
        offsets: { dtype: "int64", shape: [-1, -1, 2] },
      },
      ...(padding === "max" ? {} : alone),
    },
    decode: { inputs: { input_ids: row }, outputs: { text: { dtype: "string", shape: [-1] } } },
  };
}

async function encode(pool: TokenizerPool, { inputs, outputs, signal }: Call): Promise<Tensors> {
  const { text } = inputs;
  if (text?.dtype !== "string" || text.shape.length !== 1) {
    throw invalidArgument(`text must be a list of strings, got the shape [${text?.shape}]`);
  }
  const texts = packStrings(text.data);
  const request: EncodeRequest = { kind: "encode", texts };
  const made = await pool.ask<Rows>(request, signal, buffersOf(texts));
  const shape = [text.data.length, made.length];
  const all: Tensors = {
    input_ids: tensor("int64", shape, made.ids),
    attention_mask: tensor("int64", shape, made.mask),
    ...(pool.opened.typeIds ? { token_type_ids: tensor("int64", shape, made.types) } : {}),
    offsets: tensor("int64", [...shape, 2], made.offsets),
  };
  return outputs ? Object.fromEntries(outputs.map((name) => [name, all[name]!])) : all;
}

async function decode(pool: TokenizerPool, { inputs, signal }: Call): Promise<Tensors> {
  const { input_ids: ids } = inputs;
  if (ids?.dtype !== "int64" || ids.shape.length !== 2) {
    throw invalidArgument(`input_ids must have the shape [texts, ids], got [${ids?.shape}]`);
  }
  const [rows = 0] = ids.shape;
  const copy = ids.data.slice() as BigInt64Array<ArrayBuffer>;
  const request: DecodeRequest = { kind: "decode", ids: copy, rows };
  const packed = await pool.ask<PackedStrings>(request, signal, [copy.buffer]);
  return { text: tensor("string", [rows], unpackStrings(packed)) };
}

/** A tokenizer.json in threads of its own. @throws FAILED_PRECONDITION that says what is wrong with the file */
export async function openTokenizer(
  path: string,
  options: VocabularyOptions,
  log: Logger,
  signal: AbortSignal,
): Promise<Servable> {
  const { maxLength, padding, specialTokens, threads } = options;
  const opening: OpenRequest = { kind: "open", path, options: { maxLength, padding, specialTokens } };
  const module = new URL("./tokenizer.worker.js", import.meta.url);
  const pool = await openPool<Opened>({ module, what: "a tokenizer's thread", size: threads, opening, log }, signal);
  return {
    signatures: signaturesOf(pool.opened, padding),
    engine: "@huggingface/tokenizers",
    run: (call) => (call.signature === "decode" ? decode : encode)(pool, call),
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}
