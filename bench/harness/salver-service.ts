import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { options as grpcOptions } from "../../plugins/transports/grpc/options.js";
import { freePort } from "./free-port.js";
import { type Service, startService } from "./service.js";
import { runTool } from "./tools.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** What the suites make and need not make again; git does not see it. */
export const cache = `${root}.cache/bench/`;

let built: Promise<unknown> | undefined;
/** The compiled server, as users run it. */
const build = () => {
  built ??= runTool("npm", ["run", "--silent", "--prefix", root, "build"]);
  return built;
};

type JsonProperty = { readonly enum?: readonly string[]; readonly default?: string };

/** The engines that the gRPC transport can be run with, the default last; the empty list where there is no choice. */
export function grpcEngines(): readonly string[] {
  const { properties } = z.toJSONSchema(grpcOptions, { io: "input", unrepresentable: "any" });
  const engine = properties?.engine as JsonProperty | undefined;
  const names = (engine?.enum ?? []).filter((name) => name !== "auto");
  return [...names.filter((name) => name !== engine?.default), ...names.filter((name) => name === engine?.default)];
}

export type SalverSettings = {
  readonly name: string;
  readonly models: Readonly<Record<string, object>>;
  readonly plugins?: readonly string[];
  readonly grpcEngine?: string;
};

/**
 * Salver's own command. With SALVER_BENCH_CPU_PROF set to a folder, the process leaves a profile of its CPU there when it
 * ends.
 */
export async function startSalver({ name, models, plugins = [], grpcEngine }: SalverSettings): Promise<Service> {
  await build();
  const ports = { grpc: await freePort(), rest: await freePort() };
  const config = {
    plugins,
    models,
    transports: [
      { type: "grpc", host: "127.0.0.1", port: ports.grpc, ...(grpcEngine && { engine: grpcEngine }) },
      { type: "rest", host: "127.0.0.1", port: ports.rest },
    ],
    loading: { retries: 0 },
  };
  const folder = `${cache}configs/${name.replace(/\W+/g, "-")}/`;
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}salver.config.json`, JSON.stringify(config, undefined, 1));
  const profiles = process.env.SALVER_BENCH_CPU_PROF;
  return startService({
    name,
    ports,
    file: process.execPath,
    args: [
      ...(profiles ? ["--cpu-prof", `--cpu-prof-dir=${profiles}`] : []),
      `${root}cli/bin/salver.cjs`,
      "serve",
      `${folder}salver.config.json`,
      "--log-level=warn",
    ],
    // The measuring process has its own size for libuv's pool; the server is to choose as it does for users.
    env: { UV_THREADPOOL_SIZE: undefined },
    ready: async ({ rest }) => {
      const response = await fetch(`http://127.0.0.1:${rest}/readyz`);
      if (!response.ok) throw new Error(await response.text());
    },
  });
}
