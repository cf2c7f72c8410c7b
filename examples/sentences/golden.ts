import { readFile } from "node:fs/promises";

export const here = new URL("./", import.meta.url);

/** What Python's tokenizers, ONNX Runtime and NumPy answer to one query. */
export type Golden = {
  readonly text: string;
  readonly theme: string;
  /** The pieces of the text. */
  readonly ids: readonly number[];
  /** The sentences nearest to it, and their cosines. */
  readonly best: readonly string[];
  readonly scores: readonly number[];
};

const linesOf = async (path: string) => (await readFile(new URL(path, here), "utf8")).trimEnd().split("\n");

export const readGolden = async () =>
  JSON.parse(await readFile(new URL("data/golden.json", here), "utf8")) as readonly Golden[];

/** The theme of each sentence of the corpus, which no model was told. */
export async function readThemes(): Promise<ReadonlyMap<string, string>> {
  const [sentences, themes] = await Promise.all([linesOf("models/corpus/1/keys.txt"), linesOf("data/themes.txt")]);
  return new Map(sentences.map((sentence, at) => [sentence, themes[at]!]));
}
