import { cp, rename } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { here } from "./events.js";

export const GROUP = ["features", "words", "vectors", "ctr"] as const;

/** Publishes a version of all four, one after the other and slowly, as uploads come: the group waits for the last. */
export async function publish(folder: string, version: number, pause: number): Promise<void> {
  for (const model of GROUP) {
    const models = join(folder, "models", model);
    const arriving = join(models, `.arriving-${version}`);
    await cp(fileURLToPath(new URL(`models/${model}/${version}`, here)), arriving, { recursive: true });
    await rename(arriving, join(models, `${version}`));
    await sleep(pause);
  }
}

/** Resolves once a model serves this version. @throws after a minute */
export async function live(rest: string, model: string, version: number): Promise<void> {
  for (let i = 0; i < 600; i++) {
    const response = await fetch(`${rest}/v1/models/${model}`);
    const { model_version_status: states = [] } = (await response.json()) as {
      model_version_status?: { version: string; state: string }[];
    };
    if (states.some((each) => each.version === `${version}` && each.state === "AVAILABLE")) return;
    await sleep(100);
  }
  throw new Error(`${model} ${version} did not become available`);
}
