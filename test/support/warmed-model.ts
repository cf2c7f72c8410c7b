import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  type Config,
  createServer,
  definePlugin,
  defineServable,
  type Plugin,
  provide,
  type RequestLogEvent,
  type Server,
  silentTelemetry,
  TelemetryToken,
  type TensorOf,
  tensor,
  type VersionStatus,
  type WarmupEvent,
} from "salver";
import { recordingLogger } from "salver/testing";
import { onTestFinished } from "vitest";
import { builtins } from "../../plugins/index.js";
import { warmupFile } from "../../protos/serving/warmup-file.js";
import { quickstart } from "../e2e/support/config.js";

/** y = x / 2 + 2 without a model's files, for tests where only what is around it counts. */
const halfPlusTwo = defineServable({
  type: "half-plus-two",
  inputs: { x: { dtype: "float32", shape: [-1] } },
  outputs: { y: { dtype: "float32", shape: [-1] } },
  run: ({ x }) => {
    const given = x as TensorOf<"float32">;
    return {
      y: tensor(
        "float32",
        given.shape,
        given.data.map((value) => value / 2 + 2),
      ),
    };
  },
});

export async function workFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "salver-test-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

export async function writeWarmup(model: string, requests: Uint8Array): Promise<string> {
  const file = warmupFile(join(model, "1"));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, requests);
  return file;
}

/** A folder with the real half_plus_two as version 1. */
export async function realModel(): Promise<string> {
  const path = await workFolder();
  await cp(join(quickstart, "models", "half_plus_two", "1"), join(path, "1"), { recursive: true });
  return path;
}

/** A folder whose version 1 has no file, for `servable: half-plus-two`. */
export async function emptyModel(): Promise<string> {
  const path = await workFolder();
  await mkdir(join(path, "1"));
  return path;
}

export type Served = {
  readonly server: Server;
  readonly warmups: readonly WarmupEvent[];
  readonly logged: readonly RequestLogEvent[];
  readonly lines: ReturnType<typeof recordingLogger>["lines"];
  status(): VersionStatus;
};

/** A server of the one model `m`, settled; nothing listens. */
export async function serve(
  { path, ...model }: Config["models"][string] & { readonly path: string },
  plugins: readonly Plugin[] = [],
  loading: Config["loading"] = { retries: 0 },
): Promise<Served> {
  const warmups: WarmupEvent[] = [];
  const logged: RequestLogEvent[] = [];
  const log = recordingLogger();
  const listening = definePlugin({
    name: "listening",
    factories: [],
    providers: [
      provide(TelemetryToken, () => ({
        ...silentTelemetry,
        warmedUp: (event) => warmups.push(event),
        requestLogged: (event) => logged.push(event),
      })),
    ],
  });
  const server = await createServer(
    { models: { m: { source: { type: "filesystem", path, settle: "0s" }, ...model } }, transports: [], loading },
    { plugins: [...builtins, halfPlusTwo, ...plugins, listening], log },
  );
  onTestFinished(() => server.stop());
  await server.start();
  await server.settled;
  return { server, warmups, logged, lines: log.lines, status: () => server.frontend.status({ name: "m" })[0]! };
}
