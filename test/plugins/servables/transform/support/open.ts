import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Servable, Tensor, Tensors } from "salver";
import { transformLoader } from "../../../../../plugins/servables/transform/loader.js";

export type Files = Readonly<Record<string, string | Uint8Array>>;

/** A transform of this text, with files beside it. @throws as loading does */
export async function openText(text: string, files: Files = {}): Promise<Servable> {
  const path = await mkdtemp(join(tmpdir(), "transform-"));
  try {
    for (const [name, content] of Object.entries({ ...files, "transform.yaml": text })) {
      await writeFile(join(path, name), content);
    }
    const loader = transformLoader({ model: "features", version: 1n, path }, { file: "transform.yaml" });
    return await loader.load(new AbortController().signal);
  } finally {
    await rm(path, { recursive: true });
  }
}

export const run = async (
  servable: Servable,
  inputs: Tensors,
  signal = new AbortController().signal,
): Promise<Tensors> => servable.run({ signature: "serving_default", inputs, signal });

/** Steps alone; every column that no step takes is an output. */
export function specOf(inputs: string, ...steps: readonly string[]): string {
  const names = (step: string, key: string) =>
    (new RegExp(`\\b${key}: (?:\\[([^\\]]*)\\]|([\\w-]+))`).exec(step)?.slice(1).find(Boolean) ?? "").split(/,\s*/);
  const taken = new Set(steps.flatMap((step) => names(step, "from")));
  const outputs = steps.flatMap((step) => names(step, "to")).filter((name) => !taken.has(name));
  const lines = steps.map((step) => `  - { ${step} }`).join("\n");
  return `inputs: { ${inputs} }\nsteps:\n${lines}\noutputs: [${outputs}]\n`;
}

/** One step on one column, given and answered as a plain list. */
export async function apply(step: string, input: Tensor, files: Files = {}): Promise<Tensor> {
  const shape = [-1, ...input.shape.slice(1)];
  const inputs = `x: { dtype: ${input.dtype}, shape: [${shape}] }`;
  await using servable = await openText(specOf(inputs, `from: x, to: y, ${step}`), files);
  return (await run(servable, { x: input })).y!;
}
