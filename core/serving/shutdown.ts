import { messageOf } from "../errors.js";
import type { Logger } from "../logger.js";

export type ClosingStep = { readonly name: string; close(): PromiseLike<unknown> };

/** Closes components in order; one that fails or takes longer than `timeout` ms is named in the log and left behind. */
export async function closeInOrder(steps: readonly ClosingStep[], timeout: number, log: Logger): Promise<void> {
  for (const { name, close } of steps) {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`did not close within ${timeout / 1000} s`)), timeout);
    });
    try {
      await Promise.race([close(), late]);
    } catch (error) {
      log.error({ component: name, error }, `closing ${name}: ${messageOf(error)}`);
    } finally {
      clearTimeout(timer);
    }
  }
}
