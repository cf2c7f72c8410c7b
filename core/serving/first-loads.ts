import { ServingError } from "../errors.js";
import type { Manager } from "../lifecycle/manager.js";
import { abortError } from "./abort-error.js";

type Loads = Pick<Manager, "routes" | "settled" | "status">;

/** Whether a version of the model is AVAILABLE, or all that are wanted have failed, or its source sees none. */
export function answered(manager: Loads, model: string): boolean {
  return manager.routes.get(model)?.latest !== undefined || manager.settled(model);
}

/** @throws UNKNOWN, naming the models of which no version could be loaded, with TensorFlow Serving's text */
export function checkLoads(manager: Loads, models: readonly string[]): void {
  const failures = models
    .filter((model) => !manager.routes.get(model)?.latest)
    .flatMap((name) =>
      statuses(manager, name)
        .slice(0, 1)
        .map((failed) => ({ name, ...failed })),
    );
  if (failures.length === 0) return;
  const items = failures.map(
    ({ name, version, code, message }) => `{{name: ${name} version: ${version}} due to error: ${code}: ${message}}, `,
  );
  throw new ServingError("UNKNOWN", `${failures.length} model(s) did not become available: {${items.join("")}}`);
}

function statuses(manager: Loads, model: string) {
  try {
    return manager.status(model).filter(({ code }) => code !== "OK");
  } catch {
    // No version was ever seen: there is nothing that failed.
    return [];
  }
}

/** Resolves when `condition` holds; `subscribe` says when to look. @throws ServingError when `signal` aborts first */
export function untilHolds(
  condition: () => boolean,
  subscribe: (look: () => void) => () => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let unsubscribe = () => {};
    const end = () => {
      unsubscribe();
      signal.removeEventListener("abort", abort);
    };
    const abort = () => {
      end();
      reject(abortError(signal));
    };
    const look = () => {
      if (!condition()) return;
      end();
      resolve();
    };
    unsubscribe = subscribe(look);
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
    look();
  });
}
