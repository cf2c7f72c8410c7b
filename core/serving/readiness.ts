import type { Readiness } from "../frontend.js";

/**
 * Ready from when every model has settled (sighted, and each aspired version loaded or failed) for the first time,
 * until draining. A model that failed does not hold back the others: its status says what happened. Models that are
 * added later are not waited for, so that no change of the config takes a server out of service.
 */
export function readinessOf(models: readonly string[], settled: (model: string) => boolean) {
  const pending = new Set(models);
  let draining = false;
  let allSettled = () => {};
  const whenSettled = new Promise<void>((resolve) => {
    allSettled = resolve;
  });
  const update = () => {
    for (const model of pending) if (settled(model)) pending.delete(model);
    if (pending.size === 0) allSettled();
  };
  if (pending.size === 0) allSettled();

  return {
    settled: whenSettled,
    update,
    /** Only these of the first models are there still. */
    keep: (names: readonly string[]) => {
      for (const model of pending) if (!names.includes(model)) pending.delete(model);
      update();
    },
    drain: () => {
      draining = true;
    },
    now: (): Readiness => {
      const reasons = [...pending].map((model) => `${model} is not loaded yet`);
      if (draining) reasons.unshift("the server is shutting down");
      return { ready: reasons.length === 0, reasons };
    },
  };
}
