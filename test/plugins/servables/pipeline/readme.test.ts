import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createServer, loadConfig, strings, tensor, texts } from "salver";
import { expect, onTestFinished, test } from "vitest";
import availability from "../../../../plugins/policies/availability-preserving/index.js";
import pipeline from "../../../../plugins/servables/pipeline/index.js";
import filesystem from "../../../../plugins/sources/filesystem/index.js";
import { folderWith, samplesOf } from "../../../docs/samples.js";
import { type Step, stepsPlugin } from "./stage.js";

const float = (...shape: number[]) => ({ dtype: "float32", shape }) as const;
const int = { dtype: "int64", shape: [-1] } as const;

const words: Step = {
  type: "vocabulary",
  signatures: { 0: { inputs: { tokens: { dtype: "string", shape: [-1] } }, outputs: { ids: int } } },
  run: ({ tokens }) => ({
    ids: tensor(
      "int64",
      [...(tokens?.shape ?? [])],
      BigInt64Array.from(texts(tokens!), (text) => BigInt(text.length)),
    ),
  }),
};
const vectors: Step = {
  type: "embedding",
  signatures: { 0: { inputs: { ids: int }, outputs: { embeddings: float(-1, 4) } } },
  run: ({ ids }) => {
    const rows = Array.from((ids?.data ?? []) as BigInt64Array).flatMap((id) => new Array<number>(4).fill(Number(id)));
    return { embeddings: tensor("float32", [rows.length / 4, 4], Float32Array.from(rows)) };
  },
};
const ctr: Step = {
  type: "ctr",
  signatures: { 0: { inputs: { item: float(-1, 4), hour: float(-1), bias: float() }, outputs: { score: float(-1) } } },
  run: ({ item, hour, bias }) => {
    const width = item?.shape[1] ?? 0;
    const rows = Float32Array.from(
      hour?.data as Float32Array,
      (at, row) => at + Number(bias?.data[0]) + Number(item?.data[row * width]),
    );
    return { score: tensor("float32", [rows.length], rows) };
  },
};

test("the sample of the README works as it is written", async () => {
  const sample = (await samplesOf("plugins/servables/pipeline/README.md")).get("salver.config.yaml") ?? "";
  expect(sample).toContain("pipeline");
  // What the file of the ranking network says of it in a real folder.
  const text = `${sample.replace("./models/ctr,", "./models/ctr, servable: ctr,")}transports: []\n`;
  await using folder = await folderWith(new Map([["salver.config.yaml", text]]));
  for (const model of ["words", "vectors", "ctr"])
    await mkdir(join(folder.path, "models", model, "1"), { recursive: true });
  const server = await createServer(await loadConfig(folder.path), {
    plugins: [pipeline, filesystem, availability, stepsPlugin(words, vectors, ctr)],
  });
  onTestFinished(() => server.stop());
  await server.start();
  await server.settled;
  using lease = server.frontend.lease({ name: "recommend" });
  const inputs = { items: strings(["ab", "abc"]), hour: tensor("float32", [2], Float32Array.of(10, 20)) };
  const { score, ids } = await lease.predict("", inputs, { signal: new AbortController().signal });
  expect(score?.data).toEqual(Float32Array.of(12.5, 23.5));
  expect(ids?.data).toEqual(BigInt64Array.of(2n, 3n));
});
