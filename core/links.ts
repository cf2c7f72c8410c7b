import type { ServingError } from "./errors.js";
import type { ModelSpec } from "./frontend.js";
import type { Models } from "./models.js";
import type { Servable } from "./servable.js";
import type { Signature } from "./signature.js";

/** What can be known of a version that requests can reach. */
export type Reachable = { readonly version: bigint; readonly signatures: Readonly<Record<string, Signature>> };
/** The version that a request would get, in one set of versions; nothing where it would be refused. */
export type FindModel = (spec: ModelSpec) => Reachable | undefined;

/**
 * What a servable that calls other models has to do with them. Requests reach it while it fits what they would reach;
 * and a version of another model that would leave it without any that fits is not published, but held back.
 */
export interface Links {
  /** The versions that it calls. */
  readonly specs: readonly ModelSpec[];
  /** Whether it could work with these versions, and if not, why. Pure: it may be asked of sets that never come to be. */
  misfit(find: FindModel): ServingError | undefined;
  /** These are the versions from now on, and it fits them. Never throws. */
  bind(find: FindModel): void;
  /** The same servable, calling these models instead: those of the moment when the request began that it is a part of. */
  within(models: Models): Pick<Servable, "signatures" | "run">;
}
