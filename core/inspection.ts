import type { Loader } from "./loader.js";
import type { Signature } from "./signature.js";
import { record } from "./tensor.js";

/** Something known of a model: a text, a number, a list, or how often each of several things occurs. */
export type Fact = string | number | readonly string[] | Readonly<Record<string, number>>;

/** By name, in camelCase as scripts have it and in the order to show them; absent things are left out. */
export type Facts = Readonly<Record<string, Fact>>;

export type InspectedSignature = Signature & {
  /** What would run it here, were it served alone; absent where nothing can. */
  readonly engine?: string;
  /** What keeps it from a better engine, one sentence each. */
  readonly obstacles?: readonly string[];
  readonly facts?: Facts;
};

/** What a model's files say of it, for people and scripts. */
export type Inspection = {
  readonly signatures: Readonly<Record<string, InspectedSignature>>;
  readonly facts: Facts;
};

/**
 * What can be known of any model: it is loaded, asked, and disposed again.
 * @throws ServingError as loading does
 */
export async function inspectLoaded(loader: Loader, signal: AbortSignal): Promise<Inspection> {
  await using servable = await loader.load(signal);
  const { engine } = servable;
  const signatures = Object.entries(servable.signatures).map(
    ([name, signature]) => [name, engine === undefined ? signature : { ...signature, engine }] as const,
  );
  return { signatures: record(signatures), facts: {} };
}
