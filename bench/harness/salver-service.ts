import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
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

/** The engines of the gRPC transport; the one that is measured as Salver's own last: the default, or SALVER_BENCH_GRPC_ENGINE. */
export function grpcEngines(): readonly string[] {
  const names: readonly string[] = grpcOptions.shape.engine.unwrap().options;
  const own = process.env.SALVER_BENCH_GRPC_ENGINE ?? grpcOptions.parse({}).engine;
  return [...names.filter((name) => name !== own), ...names.filter((name) => name === own)];
}

const bin = `${root}cli/bin/salver.cjs`;

/** Those that the command's own first line gives Node. */
const nodeOptions = (): readonly string[] =>
  readFileSync(bin, "utf8")
    .split("\n", 1)
    .flatMap((line) => line.split(" "))
    .filter((word) => word.startsWith("--"));

export type SalverSettings = {
  readonly name: string;
  readonly models: Readonly<Record<string, object>>;
  readonly plugins?: readonly string[];
  /** Salver's own when absent. */
  readonly grpcEngine?: string;
};

/**
 * Salver's own command. With SALVER_BENCH_CPU_PROF set to a folder, the process leaves a profile of its CPU there when it
 * ends.
 */
export async function startSalver(settings: SalverSettings): Promise<Service> {
  const { name, models, plugins = [], grpcEngine = grpcEngines().at(-1) } = settings;
  await build();
  const ports = { grpc: await freePort(), rest: await freePort() };
  const config = {
    plugins,
    models,
    transports: [
      { type: "grpc", host: "127.0.0.1", port: ports.grpc, engine: grpcEngine },
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
      ...nodeOptions(),
      ...(profiles ? ["--cpu-prof", `--cpu-prof-dir=${profiles}`] : []),
      bin,
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
