import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Call,
  createServer,
  definePlugin,
  type Logger,
  loadConfig,
  type Plugin,
  type Server,
  type Signature,
  servable,
  type Tensors,
} from "salver";
import { onTestFinished } from "vitest";
import { z } from "zod";
import availability from "../../../../plugins/policies/availability-preserving/index.js";
import resources from "../../../../plugins/policies/resource-preserving/index.js";
import pipeline from "../../../../plugins/servables/pipeline/index.js";
import { fakePlugin, type ScriptedSource } from "../../../support/core-fakes.js";

export type Step = {
  readonly type: string;
  /** By version; the signature of version 0 is that of all others. */
  readonly signatures: Readonly<Record<number, Signature>>;
  load?(version: bigint): Promise<void>;
  run(inputs: Tensors, version: bigint, call: Call): Promise<Tensors> | Tensors;
};

/** Servable types for steps. */
export function stepsPlugin(...steps: readonly Step[]): Plugin {
  return definePlugin({
    name: "steps",
    factories: steps.map(({ type, signatures, load, run }) =>
      servable({
        type,
        description: "For tests.",
        options: z.strictObject({}),
        example: {},
        create:
          () =>
          ({ version }) => ({
            estimate: async () => ({ memory: 0 }),
            load: async () => {
              await load?.(version);
              let gone = false;
              return {
                signatures: { serving_default: (signatures[Number(version)] ?? signatures[0]) as Signature },
                run: async (call) => {
                  const answer = await run(call.inputs, version, call);
                  if (gone) throw new Error(`version ${version} of ${type} was disposed under a run`);
                  return answer;
                },
                [Symbol.asyncDispose]: async () => {
                  gone = true;
                },
              };
            },
          }),
      }),
    ),
  });
}

export type Stage = {
  readonly server: Server;
  readonly sources: ReadonlyMap<string, ScriptedSource>;
  ask(model: string, inputs: Tensors, signal?: AbortSignal): Promise<Tensors>;
  /** Reads the config again from this text. */
  reload(text: string): Promise<void>;
  status(model: string): readonly string[];
};

/** A config file of this text, with plugins; models come from the source `scripted`. */
export async function configOf(text: string) {
  const dir = await mkdtemp(join(tmpdir(), "salver-pipeline-"));
  onTestFinished(() => rm(dir, { recursive: true }));
  const write = async (text: string) => {
    await writeFile(join(dir, "salver.config.yaml"), `${text}\ntransports: []\n`);
    const loaded = await loadConfig(dir);
    return { ...loaded, file: "salver.config.yaml" };
  };
  return { write, loaded: await write(text) };
}

export async function prepare(text: string, plugins: readonly Plugin[], log?: Logger) {
  const fake = fakePlugin();
  const { write, loaded } = await configOf(text);
  const all = [fake.plugin, availability, resources, pipeline, ...plugins];
  const server = await createServer(loaded, { plugins: all, ...(log && { log }) });
  return { server, sources: fake.sources, write };
}

export async function stageOf(text: string, plugins: readonly Plugin[], log?: Logger): Promise<Stage> {
  const { server, sources, write } = await prepare(text, plugins, log);
  onTestFinished(() => server.stop());
  await server.start();
  await server.settled;
  return {
    server,
    sources,
    ask: async (name, inputs, signal = new AbortController().signal) => {
      using lease = server.frontend.lease({ name });
      return await lease.predict("", inputs, { signal });
    },
    reload: async (text) => {
      const from = await write(text);
      await server.reload((from.raw as { models: never }).models, { from });
    },
    status: (name) =>
      server.frontend
        .status({ name })
        .map(({ version, state, code, message }) => `${version} ${state} ${code}${message && ` ${message}`}`),
  };
}
