import { addressOf, cString, keepAlive, pointerSlot } from "../../native/index.js";
import type { Weights } from "../weights.js";
import type { Runtime } from "./runtime.js";
import { check } from "./status.js";
import { toValue } from "./values.js";

/** Weights in use by a session. */
export type HeldWeights = {
  /** What the kernels make of the weights, shared by their group. */
  readonly container: bigint;
  /** To be called once, after the session is gone. */
  release(): void;
};

type Shared = { readonly container: bigint; users: number };
const shared = new WeakMap<object, Shared>();

/**
 * Has the session of these options use the weights where they lie. They are given twice: as what the graph's optimizers
 * may read instead of a file, and as what the session computes with without a copy.
 */
export function holdWeights(runtime: Runtime, options: bigint, weights: Weights): HeldWeights {
  const { api } = runtime;
  const { container, leave } = join(runtime, weights.group);
  const values: bigint[] = [];
  const release = () => {
    for (const value of values) api.releaseValue(value);
    leave();
    keepAlive(weights);
  };
  try {
    for (const { tensor } of weights.tensors) values.push(toValue(runtime, tensor));
    const names = weights.tensors.map(({ name }) => cString(name));
    const addresses = BigUint64Array.from(names, addressOf);
    check(api, api.addExternalInitializers(options, addresses, BigUint64Array.from(values), values.length));
    for (const [i, name] of names.entries()) check(api, api.addInitializer(options, name, values[i]!));
    keepAlive(names, addresses);
    return { container, release };
  } catch (error) {
    release();
    throw error;
  }
}

function join({ api }: Runtime, group: object): { readonly container: bigint; leave(): void } {
  let known = shared.get(group);
  if (!known) {
    const slot = pointerSlot();
    check(api, api.createPrepackedWeights(slot));
    known = { container: slot[0]!, users: 0 };
    shared.set(group, known);
  }
  const own = known;
  own.users++;
  return {
    container: own.container,
    leave: () => {
      own.users--;
      if (own.users > 0) return;
      shared.delete(group);
      api.releasePrepackedWeights(own.container);
    },
  };
}
