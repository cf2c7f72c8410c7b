import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Tokenizer } from "@huggingface/tokenizers";
import { failedPrecondition, internal, messageOf } from "../../../../core/index.js";
import {
  type Answer,
  answerQuestions,
  buffersOf,
  packStrings,
  unpackStrings,
} from "../../../runtimes/threads/index.js";
import { type Encoded, encoderOf } from "./encode.js";
import { parseTokenizer } from "./file.js";
import type {
  DecodeRequest,
  EncodeRequest,
  Opened,
  OpenRequest,
  TokenizerAnswer,
  TokenizerRequest,
} from "./messages.js";
import { type Frame, frameOf, rowsOf } from "./rows.js";
import { type Settings, settingsOf } from "./settings.js";

type Ready = {
  readonly tokenizer: Tokenizer;
  readonly encode: (text: string) => Encoded;
  readonly frame: Frame;
  readonly settings: Settings;
  readonly skipSpecial: boolean;
};

const decoder = new TextDecoder();
const encoder = new TextEncoder();
let ready: Ready | undefined;

async function library() {
  try {
    return await import("@huggingface/tokenizers");
  } catch (error) {
    throw failedPrecondition(
      "tokenizer.json is read by a package that is not installed: npm install @huggingface/tokenizers",
      error,
    );
  }
}

async function open({ path, options }: OpenRequest): Promise<Answer<Opened>> {
  const { Tokenizer } = await library();
  try {
    const file = parseTokenizer(await readFile(path, "utf8"));
    const tokenizer = new Tokenizer(file, { clean_up_tokenization_spaces: false });
    const frame = frameOf(tokenizer, options.specialTokens);
    const settings = settingsOf(file, options, (token) => tokenizer.token_to_id(token));
    const encode = encoderOf(tokenizer, file);
    ready = { tokenizer, encode, frame, settings, skipSpecial: options.specialTokens };
    return { value: { typeIds: frame.types !== undefined } };
  } catch (error) {
    throw failedPrecondition(`${basename(path)} cannot be served: ${messageOf(error)}`, error);
  }
}

function encode({ texts }: EncodeRequest, { encode: encodeOne, frame, settings }: Ready): Answer<TokenizerAnswer> {
  const read = unpackStrings(texts).map((bytes) => decoder.decode(bytes));
  const rows = rowsOf(read, read.map(encodeOne), frame, settings);
  return { value: rows, transfer: [rows.ids, rows.mask, rows.types, rows.offsets].map(({ buffer }) => buffer) };
}

function decode({ ids, rows }: DecodeRequest, { tokenizer, skipSpecial }: Ready): Answer<TokenizerAnswer> {
  const length = rows === 0 ? 0 : ids.length / rows;
  const texts = Array.from({ length: rows }, (_, row) => {
    const own = Array.from(ids.subarray(row * length, (row + 1) * length), Number);
    // As in the original, an id that no token has leaves no trace.
    const known = own.filter((id) => tokenizer.id_to_token(id) !== undefined);
    const text = known.length === 0 ? "" : tokenizer.decode(known, { skip_special_tokens: skipSpecial });
    return encoder.encode(text);
  });
  const packed = packStrings(texts);
  return { value: packed, transfer: buffersOf(packed) };
}

answerQuestions((request: TokenizerRequest): Answer<TokenizerAnswer> | Promise<Answer<TokenizerAnswer>> => {
  if (request.kind === "open") return open(request);
  if (!ready) throw internal("the tokenizer was asked before it was opened");
  return request.kind === "encode" ? encode(request, ready) : decode(request, ready);
}, "the tokenizer failed; the server's log has the details");
