import { type Feature, invalidArgument, resourceExhausted, type Tensor } from "../../../../core/index.js";
import type { FeatureType } from "./plan.js";

export type Breathe = () => undefined | Promise<void>;

/** One feature of all examples, being put into tensors. Each example, in order, is either added or missing. */
export interface Column {
  /** @throws ServingError INVALID_ARGUMENT when the feature does not fit */
  add(feature: Feature, example: number): void;
  /** @throws ServingError INVALID_ARGUMENT when the feature is required */
  missing(example: number): void;
  /**
   * Its tensors, without those that are not wanted; called once, after the last example. `breathe` is called between
   * pieces of work, so that the event loop turns.
   */
  tensors(breathe: Breathe): Promise<readonly (Tensor | undefined)[]>;
}

export const kinds = { float32: "float", int64: "int64", string: "bytes" } as const;

/** TensorFlow's names of the types; it calls values of strings bytes. */
export const typeOf = (kind: Feature["kind"]): string => (kind === "bytes" ? "string" : kind);

/** An error in TensorFlow's words, which has no names for examples where the graph gives none. */
export const wrong = (key: string, example: number, what: string) =>
  invalidArgument(`Name: <unknown>, Key: ${key}, Index: ${example}.  ${what}`);

/** The most bytes that one parse makes: few bytes of examples and a large default make large tensors. */
const LARGEST = 2 ** 30;
const ITEM_BYTES: Readonly<Record<FeatureType, number>> = { float32: 4, int64: 8, string: 8 };

/** Called before memory is taken. @throws ServingError RESOURCE_EXHAUSTED once all items take more than 1 GiB */
export type Allowance = (key: string, dtype: FeatureType, items: number) => void;

export function createAllowance(): Allowance {
  let left = LARGEST;
  return (key, dtype, items) => {
    const size = items * ITEM_BYTES[dtype];
    if (size > left) {
      throw resourceExhausted(
        `the feature "${key}" would take ${size} bytes, and of ${LARGEST} for a request ${left} are left: send fewer examples`,
      );
    }
    left -= size;
  };
}
