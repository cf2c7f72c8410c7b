import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { tensor } from "../../../../core/index.js";
import { fakeHost } from "../../../../core/testing/index.js";
import { type Bundle, openBundle } from "../../../../formats/tensor-bundle/bundle.js";
import { savedModelLoader } from "../../../../plugins/servables/savedmodel/loader.js";
import { options } from "../../../../plugins/servables/savedmodel/options.js";
import { keysByName } from "../../../../plugins/servables/savedmodel/reader/object-graph.js";
import { TrackableObjectGraphSchema } from "../../../../protos/gen/tensorflow/core/protobuf/trackable_object_graph_pb.js";

const folder = new URL("keras-saved/", import.meta.url);
const path = fileURLToPath(new URL("model", folder));
const { signal } = new AbortController();

it("a Keras 3 model whose restore sets no variable answers like Python, by what its checkpoint names", async () => {
  const golden = JSON.parse(readFileSync(new URL("golden.json", folder), "utf8")) as { x: number[][]; y: number[][] };
  const local = { model: "m", version: 1n, path };
  await using servable = await savedModelLoader(fakeHost(), local, options.parse({ engine: "onnxruntime" })).load(
    signal,
  );
  const x = tensor("float32", [2, 3], Float32Array.from(golden.x.flat()));
  const { y } = await servable.run({ signature: "serving_default", inputs: { x }, signal });
  expect(y).toMatchObject({ dtype: "float32", shape: [2, 1] });
  for (const [i, value] of golden.y.flat().entries()) expect(y!.data[i]).toBeCloseTo(value, 5);
});

it("a name that two variables have names neither, and a damaged graph of objects is said to be that", () => {
  const bundle = openBundle(`${path}/variables/variables`);
  try {
    const key = "_CHECKPOINTABLE_OBJECT_GRAPH";
    const graph = fromBinary(TrackableObjectGraphSchema, bundle.strings(key)[0]!);
    const withGraph = (bytes: Uint8Array): Bundle => ({ ...bundle, strings: () => [bytes] });
    const known = keysByName(bundle);
    expect([...known.keys()]).toContain("sequential/dense/kernel");
    for (const { attributes } of graph.nodes) {
      for (const each of attributes) if (each.fullName.endsWith("/bias")) each.fullName = "sequential/dense/kernel";
    }
    const renamed = keysByName(withGraph(toBinary(TrackableObjectGraphSchema, graph)));
    expect(renamed.has("sequential/dense/kernel")).toBe(false);
    expect(renamed.get("sequential/dense_1/kernel")).toBe(known.get("sequential/dense_1/kernel"));
    expect(() => keysByName(withGraph(Uint8Array.of(10, 200)))).toThrow(/its graph of objects is damaged/);
  } finally {
    bundle.close();
  }
});
