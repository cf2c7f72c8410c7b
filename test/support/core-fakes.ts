import {
  type Artifact,
  type Call,
  definePlugin,
  type Host,
  type LocalVersion,
  type Plugin,
  type Servable,
  type Source,
  servable,
  source,
  type Tensors,
  tensor,
} from "salver";
import { z } from "zod";

/** A source that says what the test says. */
export type ScriptedSource = { publish(...versions: readonly bigint[]): void };

export function artifact(version: bigint, open: () => Promise<string> = async () => `/fake/${version}`): Artifact {
  return { version, uri: `fake:${version}`, open };
}

type Behaviour = {
  /** Called in load; may throw or wait. */
  load?(version: LocalVersion, signal: AbortSignal): Promise<void>;
  run?(call: Call, version: LocalVersion): Promise<Tensors>;
  memory?: number;
};

/** y = the version's number, for a float input x; keeps a diary of loads and disposals. */
export function fakePlugin(behaviour: Behaviour = {}) {
  const diary: string[] = [];
  const sources = new Map<string, ScriptedSource>();
  const plugin: Plugin = definePlugin({
    name: "fake",
    factories: [
      source({
        type: "scripted",
        description: "For tests.",
        options: z.strictObject({ start: z.array(z.number()).default([1]) }),
        example: {},
        create: (host, { start }) => scripted(host, start.map(BigInt), sources),
      }),
      servable({
        type: "fake",
        description: "For tests.",
        options: z.strictObject({ size: z.number().default(1).describe("A number.") }),
        example: {},
        create: () => (version) => ({
          estimate: async () => ({ memory: behaviour.memory ?? 0 }),
          load: async (signal) => {
            await behaviour.load?.(version, signal);
            diary.push(`load ${version.version}`);
            return fakeServable(version, diary, behaviour.run);
          },
        }),
      }),
    ],
  });
  return { plugin, diary, sources };
}

export function fakeServable(version: LocalVersion, diary: string[], run?: Behaviour["run"]): Servable {
  return {
    engine: "fake",
    signatures: {
      serving_default: {
        inputs: { x: { dtype: "float32", shape: [-1] } },
        outputs: { y: { dtype: "int64", shape: [] }, n: { dtype: "int32", shape: [] } },
      },
    },
    run: async (call) =>
      run
        ? run(call, version)
        : {
            y: tensor("int64", [], BigInt64Array.of(version.version)),
            n: tensor("int32", [], Int32Array.of(call.inputs.x?.shape[0] ?? 0)),
          },
    [Symbol.asyncDispose]: async () => {
      diary.push(`dispose ${version.version}`);
    },
  };
}

function scripted(host: Host, start: readonly bigint[], sources: Map<string, ScriptedSource>): Source {
  let seen = start;
  let wake = () => {};
  sources.set(host.id, {
    publish: (...versions) => {
      seen = versions;
      wake();
    },
  });
  return {
    watch: async function* (signal) {
      signal.addEventListener("abort", () => wake());
      while (!signal.aborted) {
        const next = new Promise<void>((resolve) => {
          wake = resolve;
        });
        yield { model: host.id, versions: seen.map((version) => artifact(version)) };
        if (!signal.aborted) await next;
      }
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** Waits, turn by turn of the event loop, until `condition` holds. */
export async function until(condition: () => boolean, what = "the condition"): Promise<void> {
  for (let i = 0; i < 5000; i++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, i < 100 ? 0 : 2));
  }
  throw new Error(`waited in vain for ${what}`);
}
