import { cp, mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { quickstart } from "./config.js";

const half = join(quickstart, "models/half_plus_two/1");

/** A servable type of one function: answers each row with its version. */
export const stamp = `import { defineServable, tensor } from "salver";
export default defineServable({
  type: "stamp",
  inputs: { x: { dtype: "float32", shape: [-1] } },
  outputs: { v: { dtype: "int64", shape: [-1] } },
  run: async ({ x }, { version }) => {
    await new Promise((resolve) => setTimeout(resolve, Number(version) % 3));
    return { v: tensor("int64", x.shape, new BigInt64Array(x.data.length).fill(version)) };
  },
});
`;

export const models = ["half", "early", "late"] as const;
const member = (name: string, servable = "") =>
  `  ${name}: { source: { type: filesystem, path: ./${name}, poll: 20ms }, group: g${servable} }\n`;

/** The models above as a group, and a pipeline over them; `stamp` is to be beside it as `stamp.ts`. */
export const config = `plugins: [./stamp.ts]
models:
${member("half", ", batching: { maxBatchSize: 8 }")}${member("early", ", servable: stamp")}${member("late", ", servable: stamp")}  rank:
    servable:
      type: pipeline
      steps:
        half: { model: half, inputs: { x: request.x } }
        early: { model: early, inputs: { x: request.x } }
        late: { model: late, inputs: { x: half.y } }
      outputs: { y: half.y, early: early.v, late: late.v }
`;

/** Puts a version of each model in place, one after the other, as no publisher can do otherwise. */
export async function publish(folder: string, version: number, only: readonly string[] = models): Promise<void> {
  for (const model of only) {
    const staging = join(folder, "staging");
    if (model === "half") await cp(half, staging, { recursive: true });
    else await mkdir(staging, { recursive: true });
    await mkdir(join(folder, model), { recursive: true });
    await rename(staging, join(folder, model, String(version)));
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}
