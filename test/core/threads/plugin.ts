import { threadId } from "node:worker_threads";
import { type Call, definePlugin, type Servable, servable, source, type Tensors, tensor } from "salver";
import { z } from "zod";
import type { Control } from "./support.js";

const control = () => (globalThis as unknown as Record<symbol, Control>)[Symbol.for("salver.test.threads")]!;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const spec = (dtype: "int64" | "float32", shape: readonly number[] = [-1]) => ({ dtype, shape });
const signatures = {
  serving_default: {
    inputs: { x: spec("float32") },
    outputs: { version: spec("int64"), thread: spec("int64"), y: spec("float32") },
  },
};

function answer({ inputs }: Call, version: bigint): Tensors {
  const { x } = inputs;
  if (x?.dtype !== "float32") throw new Error("x is checked before");
  const same = (value: bigint) => tensor("int64", [x.data.length], new BigInt64Array(x.data.length).fill(value));
  const y = tensor(
    "float32",
    [x.data.length],
    x.data.map((value) => value * 2),
  );
  return { version: same(version), thread: same(BigInt(threadId)), y };
}

type Handle = { readonly version: bigint; readonly disposed: Int32Array; readonly violations: Int32Array };

/** Counts a violation when the version's owner has disposed it under a run, or between runs. */
function guarded({ version, disposed, violations }: Handle): Servable {
  const look = () => {
    if (Atomics.load(disposed, Number(version)) === 1) Atomics.add(violations, Number(version), 1);
  };
  return {
    signatures,
    engine: "guarded",
    run: async (call) => {
      look();
      await pause(Math.random() * 3);
      look();
      return answer(call, version);
    },
    [Symbol.asyncDispose]: async () => look(),
  };
}

export default definePlugin({
  name: "threads-test",
  factories: [
    source({
      type: "told",
      description: "Versions as the test says.",
      options: z.strictObject({}),
      example: {},
      create: (host) => ({
        watch: async function* (signal) {
          signal.addEventListener("abort", () => control().wake.get(host.id)?.());
          while (!signal.aborted) {
            const next = new Promise<void>((resolve) => control().wake.set(host.id, resolve));
            const versions = control().seen.get(host.id) ?? [];
            yield {
              model: host.id,
              versions: versions.map((version) => ({
                version,
                uri: `told:${version}`,
                open: async () => `/${version}`,
              })),
            };
            await next;
          }
        },
        [Symbol.asyncDispose]: async () => {},
      }),
    }),
    servable({
      type: "guarded",
      description: "Runs in all threads on what one has loaded.",
      options: z.strictObject({}),
      example: {},
      create:
        () =>
        ({ version }) => ({
          estimate: async () => ({ memory: 0 }),
          load: async () => {
            const { disposed, violations } = control();
            const handle: Handle = { version, disposed, violations };
            Atomics.store(disposed, Number(version), 0);
            return {
              ...guarded(handle),
              handle,
              [Symbol.asyncDispose]: async () => void Atomics.store(disposed, Number(version), 1),
            };
          },
        }),
      attach: async (_, { handle }) => guarded(handle as Handle),
    }),
    servable({
      type: "alone",
      description: "Runs only where it was loaded.",
      options: z.strictObject({}),
      example: {},
      create:
        () =>
        ({ version }) => ({
          estimate: async () => ({ memory: 0 }),
          load: async () => ({
            signatures,
            engine: "alone",
            run: async (call) => {
              if (call.deadline === undefined || call.deadline < performance.now()) throw new Error("no time is left");
              return answer(call, version);
            },
            [Symbol.asyncDispose]: async () => {},
          }),
        }),
    }),
    servable({
      type: "deadly",
      description: "Ends its thread when it is given 13.",
      options: z.strictObject({}),
      example: {},
      create: () => (version) => ({ estimate: async () => ({ memory: 0 }), load: async () => deadly(version.version) }),
      attach: async (_, { version }) => deadly(version.version),
    }),
  ],
});

function deadly(version: bigint): Servable {
  return {
    signatures,
    handle: {},
    run: async (call) => {
      if (call.inputs.x?.data[0] === 13) {
        setImmediate(() => {
          throw new Error("thirteen");
        });
        await new Promise(() => {});
      }
      return answer(call, version);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
