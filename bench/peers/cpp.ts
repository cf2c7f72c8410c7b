import { access, mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { messageOf } from "salver";
import { findLibrary } from "../../plugins/runtimes/libtensorflow/index.js";
import { freePort } from "../harness/free-port.js";
import { cache } from "../harness/salver-service.js";
import { connects, startService } from "../harness/service.js";
import { missingTools, runTool, type Skipped } from "../harness/tools.js";
import type { Network } from "../models/catalogue.js";
import type { Peer } from "./peer.js";

const source = fileURLToPath(new URL("./cpp", import.meta.url));
const out = `${cache}cpp`;

/** The package's own copy, the same that Salver runs. */
async function onnxruntimeLibrary(): Promise<string | undefined> {
  const { resolve } = createRequire(import.meta.url);
  const folder = join(dirname(resolve("onnxruntime-node/package.json")), "bin/napi-v6", process.platform, process.arch);
  const library = join(folder, "libonnxruntime.so.1");
  return access(library).then(
    () => library,
    () => undefined,
  );
}

let building: Promise<Skipped | undefined> | undefined;
const build = () => {
  building ??= buildOnce();
  return building;
};

/** Why there is nothing, where there is nothing. */
async function buildOnce(): Promise<Skipped | undefined> {
  const missing = await missingTools(["cmake", "make", "g++", "pkg-config", "protoc", "grpc_cpp_plugin"]);
  if (missing.length > 0) return { skipped: `not built, since these are not installed: ${missing.join(", ")}` };
  try {
    await runTool("pkg-config", ["--exists", "grpc++", "protobuf"]);
  } catch {
    return { skipped: "not built, since pkg-config knows no grpc++ and protobuf (Debian: libgrpc++-dev)" };
  }
  await mkdir(out, { recursive: true });
  const library = (await onnxruntimeLibrary()) ?? "";
  try {
    await runTool("cmake", ["-S", source, "-B", out, "-G", "Unix Makefiles", `-DONNXRUNTIME_LIBRARY=${library}`]);
    await runTool("cmake", ["--build", out, "--parallel", String(availableParallelism())]);
  } catch (error) {
    return { skipped: `its build failed: ${messageOf(error).slice(0, 1500)}` };
  }
  return undefined;
}

type Executable = {
  readonly name: string;
  readonly file: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly models: readonly (readonly [name: string, path: string])[];
};

async function start({ name, file, env, models }: Executable) {
  const port = await freePort();
  const threads = String(availableParallelism());
  return startService({
    name,
    ports: { grpc: port },
    file: join(out, file),
    args: [String(port), threads, ...models.map(([model, path]) => `${model}=${path}`)],
    ...(env && { env }),
    ready: () => connects(port),
  });
}

export const cppOnnxruntime: Peer = {
  name: "C++ gRPC, onnxruntime",
  engine: "onnxruntime",
  protocol: "grpc",
  async start(networks: readonly Network[]) {
    if (!(await onnxruntimeLibrary()))
      return { skipped: "onnxruntime-node has no libonnxruntime.so.1 for this machine" };
    const models = networks.map(({ name, onnx }) => [name, `${onnx}/1/model.onnx`] as const);
    return (await build()) ?? start({ name: this.name, file: "onnxruntime_server", models });
  },
};

export const cppTensorflow: Peer = {
  name: "C++ gRPC, libtensorflow",
  engine: "tensorflow",
  protocol: "grpc",
  async start(networks: readonly Network[]) {
    const library = await findLibrary();
    if (!("found" in library)) return { skipped: "there is no libtensorflow (`salver tensorflow install`)" };
    const { path, framework = "" } = library.found;
    const env = { LIBTENSORFLOW: path, LIBTENSORFLOW_FRAMEWORK: framework, TF_CPP_MIN_LOG_LEVEL: "2" };
    const models = networks.map(({ name, savedModel }) => [name, `${savedModel}/1`] as const);
    return (await build()) ?? start({ name: this.name, file: "tensorflow_server", env, models });
  },
};
