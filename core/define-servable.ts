import { z } from "zod";
import { definePlugin, type Plugin, servable } from "./plugin.js";
import { DEFAULT_SIGNATURE, type TensorSpec } from "./signature.js";
import type { Tensors } from "./tensor.js";

export type FunctionServable = {
  readonly type: string;
  readonly description?: string;
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  readonly outputs: Readonly<Record<string, TensorSpec>>;
  /**
   * Runs on the event loop: keep it in microseconds, and give longer work to a worker thread.
   * `path` is the version's folder.
   */
  run(inputs: Tensors, version: { readonly path: string; readonly version: bigint }): Tensors | Promise<Tensors>;
};

/** A plugin with one servable type that is one function: the short way for rules, look-ups and small transforms. */
export function defineServable(definition: FunctionServable): Plugin {
  const { type, inputs, outputs, run, description = `The function servable ${definition.type}.` } = definition;
  const signatures = { [DEFAULT_SIGNATURE]: { inputs, outputs } };
  const factory = servable({
    type,
    description,
    options: z.strictObject({}),
    example: {},
    create: () => (version) => ({
      estimate: async () => ({ memory: 0 }),
      load: async () => ({
        signatures,
        engine: "javascript",
        run: async (call) => run(call.inputs, version),
        [Symbol.asyncDispose]: async () => {},
      }),
    }),
  });
  return definePlugin({ name: type, factories: [factory] });
}
