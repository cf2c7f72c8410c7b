import type { Call, MaybePromise, Servable, Signature, Tensors } from "../../../../core/index.js";
import { fakeHost } from "../../../../core/testing/index.js";
import { sharedBatcher } from "../../../../plugins/batchers/shared/batcher.js";
import { options } from "../../../../plugins/batchers/shared/options.js";

const signature: Signature = {
  inputs: { x: { dtype: "float32", shape: null } },
  outputs: { y: { dtype: "float32", shape: null } },
};

/** A servable that does what the test says and counts its disposals. */
export function inner(run: (call: Call) => Promise<Tensors>) {
  const state = { disposed: 0 };
  const servable: Servable = {
    signatures: { serving_default: signature },
    engine: "test",
    run,
    [Symbol.asyncDispose]: async () => {
      state.disposed++;
    },
  };
  return { servable, state };
}

let pools = 0;

/** Wrapped as a config's options say, in a pool of its own. */
export async function wrap(
  servable: Servable,
  chosen: Readonly<Record<string, unknown>> = {},
  clock = fakeHost().clock,
): Promise<Servable> {
  const parsed = options.parse({ pool: `test-${++pools}`, ...chosen });
  const version = { model: "m", version: 1n, path: "/nowhere" };
  return sharedBatcher(fakeHost({ clock }), parsed).wrap(servable, version);
}

/** The outcome as a text: a code and message, or "OK". */
export const outcome = (run: MaybePromise<unknown>): Promise<string> =>
  Promise.resolve(run).then(
    () => "OK",
    (error) => `${error.code}: ${error.message}`,
  );

/** A promise to open by hand. */
export function gate() {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

/** Lets everything that can go on go on. */
export const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
