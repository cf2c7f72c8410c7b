import { modelContender } from "../harness/contender.js";
import { interleave, type Pace, type Result } from "../harness/interleave.js";
import type { ModelConfig } from "../harness/models.js";

const WORK = { rows: 1, requests: 97 };

/** Batching options by the name they go by in the tables; `false`: none. */
export type Settings = Readonly<Record<string, object | false>>;

export type Compared = Result & { readonly name: string };

/** One model under each of the settings, in the settings' order. */
export async function compare(
  config: ModelConfig,
  settings: Settings,
  callers: number,
  pace: Pace,
): Promise<readonly Compared[]> {
  const contenders = await Promise.all(
    Object.entries(settings).map(([name, batching]) => modelContender(name, { ...config, batching }, WORK)),
  );
  try {
    const results = await interleave(contenders, callers, pace);
    return contenders.map(({ name }, i) => ({ name, ...results[i]! }));
  } finally {
    await Promise.all(contenders.map((contender) => contender[Symbol.asyncDispose]()));
  }
}
