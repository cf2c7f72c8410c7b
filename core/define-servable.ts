import { z } from "zod";
import { hint } from "./config/did-you-mean.js";
import type { LocalVersion } from "./loader.js";
import { asIs, whenDone } from "./pending.js";
import { definePlugin, type Plugin, servable } from "./plugin.js";
import type { Servable } from "./servable.js";
import { DEFAULT_SIGNATURE, type TensorSpec } from "./signature.js";
import { dtypes, type Tensors } from "./tensor.js";

export type FunctionServable = {
  readonly type: string;
  readonly description?: string;
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  readonly outputs: Readonly<Record<string, TensorSpec>>;
  /**
   * Runs on the event loop: keep it in microseconds, and give longer work to a worker thread. A server with several I/O
   * threads loads the module in each, so what it keeps in variables is kept once a thread.
   * `path` is the version's folder.
   */
  run(inputs: Tensors, version: { readonly path: string; readonly version: bigint }): Tensors | Promise<Tensors>;
};

/** A plugin with one servable type that is one function: the short way for rules, look-ups and small transforms. */
export function defineServable(definition: FunctionServable): Plugin {
  checkDefinition(definition);
  const { type, inputs, outputs, run, description = `The function servable ${definition.type}.` } = definition;
  const signatures = { [DEFAULT_SIGNATURE]: { inputs, outputs } };
  // Each thread has the function from its own copy of the module: there is nothing to hand over.
  const made = (version: LocalVersion): Servable => ({
    signatures,
    engine: "javascript",
    handle: {},
    run: (call) => whenDone(() => run(call.inputs, version), asIs),
    [Symbol.asyncDispose]: async () => {},
  });
  const factory = servable({
    type,
    description,
    options: z.strictObject({}),
    example: {},
    create: () => (version) => ({
      estimate: async () => ({ memory: 0 }),
      load: async () => made(version),
    }),
    attach: async (_, { version }) => made(version),
  });
  return definePlugin({ name: type, factories: [factory] });
}

// A definition comes from a file that nobody has compiled: its mistakes must show when it loads, not at a request.
function checkDefinition({ type, inputs, outputs, run }: FunctionServable): void {
  const fail = (what: string): never => {
    throw new Error(`defineServable of ${JSON.stringify(type)}: ${what}`);
  };
  if (typeof type !== "string" || type === "") fail("type must be a name");
  if (typeof run !== "function") fail("run must be a function");
  for (const [side, specs] of Object.entries({ inputs, outputs })) {
    if (typeof specs !== "object" || specs === null) fail(`${side} must be an object of { dtype, shape } by name`);
    for (const [name, { dtype, shape }] of Object.entries(specs)) {
      if (!dtypes.includes(dtype))
        fail(`${side}.${name}.dtype is ${JSON.stringify(dtype)}${hint(String(dtype), dtypes)}`);
      const sizes =
        shape === null || (Array.isArray(shape) && shape.every((size) => Number.isInteger(size) && size >= -1));
      if (!sizes) fail(`${side}.${name}.shape must be a list of sizes (-1: any), or null`);
    }
  }
}
