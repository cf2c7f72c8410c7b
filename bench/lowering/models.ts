import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { quickstartModel } from "../harness/models.js";

/** A SavedModel, the rows of a request, and the length of what it leaves open besides. */
export type Case = { readonly name: string; readonly path: string; readonly rows: number; readonly open?: number };

const zoo = (name: string) => fileURLToPath(new URL(`../../test/fixtures/zoo/large/${name}/`, import.meta.url));

const quickstart = (name: string, rows: number): Case => ({
  name: `${name}, batch ${rows}`,
  path: quickstartModel(name),
  rows,
});

const large = (title: string, name: string, open?: number): Case => ({
  name: `${title}, batch 1`,
  path: zoo(name),
  rows: 1,
  ...(open && { open }),
});

const all: readonly Case[] = [
  quickstart("mnist", 1),
  quickstart("mnist", 32),
  ...[1, 200, 500, 1000].map((rows) => quickstart("deepfm", rows)),
  large("MobileNetV2 224x224", "mobilenet_v2_224"),
  large("BERT-like encoder, 128 tokens", "bert_encoder", 128),
];

/** Those that are here; the zoo's large models are made on demand (`test/fixtures/zoo/make.py --large`). */
export const cases = all.filter(({ path }) => existsSync(path));
export const missing = all.filter(({ path }) => !existsSync(path)).map(({ name }) => name);
