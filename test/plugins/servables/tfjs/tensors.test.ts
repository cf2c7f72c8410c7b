import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Tf } from "../../../../plugins/servables/tfjs/backend/library.js";
import { openModel } from "../../../../plugins/servables/tfjs/model/open-model.js";
import { toValue } from "../../../../plugins/servables/tfjs/model/values.js";
import { readGolden } from "../../../fixtures/golden.js";

const tf = createRequire(import.meta.url)("@tensorflow/tfjs") as Tf;
await tf.setBackend("cpu");

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../fixtures/tfjs/${name}/1/model.json`, import.meta.url));

describe("no tensor is left behind", () => {
  test.each(["network", "typed", "loop", "strings", "chain", "branches"])("by %s", async (name) => {
    const before = tf.memory().numTensors;
    const model = await openModel(tf, fixture(name));
    const { inputs: ports, outputs } = model.ports;
    const open = tf.memory().numTensors;
    const names = outputs.map((port) => port.name);
    for (const { inputs } of readGolden(`tfjs/${name}.json`).cases) {
      const values = () => new Map(ports.map((port) => [port.name, toValue(port, inputs[port.name]!)] as const));
      for (let i = 0; i < 3; i++) await model.run(values(), names);
      expect(tf.memory().numTensors).toBe(open);
      const [first] = ports;
      const broken = values().set(first!.name, { dtype: "float32", shape: [7, 7, 7], data: new Float32Array(343) });
      await model.run(broken, names).catch(() => {});
      expect(tf.memory().numTensors).toBe(open);
    }
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
