import { readFile } from "node:fs/promises";

export const here = new URL("./", import.meta.url);

export type Picture = {
  readonly file: string;
  readonly jpeg: Buffer;
  /** What it shows. */
  readonly shape: string;
  /** Of each shape, by TensorFlow: decoded, resized and classified there. */
  readonly probabilities: readonly number[];
};

type Golden = readonly Pick<Picture, "file" | "probabilities">[];

/** Pictures that the network was not trained on. */
export async function readPictures(): Promise<readonly Picture[]> {
  const golden = JSON.parse(await readFile(new URL("golden.json", here), "utf8")) as Golden;
  return Promise.all(
    golden.map(async ({ file, probabilities }) => ({
      file,
      jpeg: await readFile(new URL(`pictures/${file}`, here)),
      shape: file.split("-")[0]!,
      probabilities,
    })),
  );
}

/** Bytes as TensorFlow Serving's REST takes them. */
export const b64 = (bytes: Uint8Array) => ({ b64: Buffer.from(bytes).toString("base64") });
