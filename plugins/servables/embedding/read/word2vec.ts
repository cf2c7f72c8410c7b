import { failedPrecondition } from "../../../../core/index.js";
import { createTokenWriter, type Tokens } from "../../../../formats/token-table/tokens.js";
import {
  readWord2vecBinary,
  readWord2vecSize,
  readWord2vecText,
  type Word2vecSize,
} from "../../../../formats/word2vec/word2vec.js";
import type { TableFiles } from "../files.js";
import { openTableFile } from "./elements.js";

export type Words = Word2vecSize & { readonly memory: SharedArrayBuffer; readonly tokens: Tokens };

/** What the first line says. */
export function measureWords({ path, name }: TableFiles): Word2vecSize {
  using file = openTableFile(path, name);
  return readWord2vecSize({ pieces: [file.bytes(0, 64)], size: file.size, what: name });
}

/** Words and vectors of a file of word2vec's. */
export function readWords({ path, name, kind }: TableFiles): Words {
  using file = openTableFile(path, name);
  const writer = createTokenWriter();
  let announced: Word2vecSize = { rows: 0, width: 0 };
  let memory = new SharedArrayBuffer(0);
  const read = kind === "word2vec binary" ? readWord2vecBinary : readWord2vecText;
  read({ pieces: file.pieces(0, file.size), size: file.size, what: name }, (size) => {
    announced = size;
    memory = new SharedArrayBuffer(4 * size.rows * size.width);
    const table = new Float32Array(memory);
    let at = 0;
    return (word, vector) => {
      if (word.length === 0) throw failedPrecondition(`${name}: word ${writer.count + 1} is empty`);
      writer.add(word);
      table.set(vector, at);
      at += size.width;
    };
  });
  return { ...announced, memory, tokens: writer.finish() };
}
