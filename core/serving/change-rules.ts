import type { ResolvedModel } from "../config/resolve.js";
import { failedPrecondition, invalidArgument } from "../errors.js";

/**
 * Which versions a label may be given to.
 * `any`: any. `available`: those that are AVAILABLE. `move-to-available`: a new label any, one that exists already
 * those that are AVAILABLE and the one that it has.
 */
export type LabelRule = "any" | "available" | "move-to-available";

/** @throws FAILED_PRECONDITION with TensorFlow Serving's text */
export function checkLabels(
  rule: LabelRule,
  model: Pick<ResolvedModel, "name" | "labels">,
  before: ReadonlyMap<string, bigint> | undefined,
  available: (version: bigint) => boolean,
): void {
  if (rule === "any") return;
  for (const [label, version] of model.labels) {
    const old = before?.get(label);
    const may = rule === "move-to-available" && (old === undefined || old === version);
    if (may || available(version)) continue;
    throw failedPrecondition(
      `Request to assign label to version ${version} of model ${model.name}, which is not currently available for inference`,
    );
  }
}

/** The cause of the error about a model that was to change its servable type. */
export type PlatformChange = { readonly model: string; readonly was: string; readonly requested: string };

const brand = Symbol("PlatformChange");

export const platformChange = (change: PlatformChange) => ({ ...change, [brand]: true });

export function isPlatformChange(cause: unknown): cause is PlatformChange {
  return typeof cause === "object" && cause !== null && brand in cause;
}

/**
 * A model keeps its servable type, where both configs name one.
 * @throws INVALID_ARGUMENT with TensorFlow Serving's text
 */
export function checkPlatform(
  { name, servable }: Pick<ResolvedModel, "name" | "servable">,
  before: Pick<ResolvedModel, "servable"> | undefined,
): void {
  const [was, requested] = [before?.servable?.factory.type, servable?.factory.type];
  if (was === undefined || requested === undefined || was === requested) return;
  throw invalidArgument(
    `Illegal to change a model's platform. For model ${name} platform was ${was} and new platform requested is ${requested}`,
    platformChange({ model: name, was, requested }),
  );
}
