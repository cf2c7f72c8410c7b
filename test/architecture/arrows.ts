import type { Import } from "./tree.js";

/** `plugins/servables/onnx` of `plugins/servables/onnx/loader.ts`. */
export const pluginOf = (path: string) => path.split("/").slice(0, 3).join("/");

const publicCore = "core/index.ts";
const runtimes = "plugins/runtimes/";

/** What the default distribution is made of beside its plugins. */
const distribution: Readonly<Record<string, string>> = {
  "plugins/index.ts": "plugins/threads.ts",
  "plugins/threads.ts": "plugins/runtimes/native/index.ts",
  "plugins/io-thread.worker.ts": "plugins/index.ts",
};

function pluginMay(from: string, to: string): string | undefined {
  if (distribution[from] === to) return undefined;
  if (from === "plugins/index.ts") {
    const ok = /^plugins\/[^/]+\/[^/]+\/index\.ts$/.test(to);
    return ok ? undefined : "the list of plugins names their index files and nothing else";
  }
  if (pluginOf(from) === pluginOf(to)) return undefined;
  if (!to.startsWith(runtimes)) return "plugins do not know each other";
  if (!/\/(index|options)\.ts$/.test(to)) return "a runtime is entered through its index";
  if (from.startsWith(runtimes)) {
    return to === `${runtimes}native/index.ts` ? undefined : "a runtime knows no other one but native";
  }
  return from.startsWith("plugins/servables/") ? undefined : "only servables know runtimes";
}

/** What plugins share, knowing no plugin. */
const leafRooms: ReadonlySet<string> = new Set(["protos", "formats", "artifacts"]);

/** Why an import between two of the project's own modules is against the plan of the house; `undefined` if it is not. */
export function wrongArrow({ from, to }: Import): string | undefined {
  const [room] = from.split("/");
  const [target] = to.split("/");
  if (room === "cli") return undefined;
  if (target === "cli") return "the command line is the outermost room";
  if (target === "test" || target === "examples") return "only tests know tests and examples";
  if (room === "core") {
    if (target !== "core") return "core knows no other room";
    const leaves = to.startsWith("core/testing/") && !from.startsWith("core/testing/");
    return leaves ? "core does not need its own test kit" : undefined;
  }
  if (target === "core") return to === publicCore ? undefined : `of core only ${publicCore} is public`;
  if (room === "protos") return target === "protos" ? undefined : "protos knows core's public face and nothing else";
  if (room === "formats") {
    return target === "formats" || target === "protos" ? undefined : "formats knows core's public face and protos";
  }
  if (room === "artifacts")
    return target === "artifacts" ? undefined : "artifacts knows core's public face and nothing else";
  if (room === "plugins") return leafRooms.has(target ?? "") ? undefined : pluginMay(from, to);
  return `there is no room ${room}`;
}

/** Packages that only one place may know. */
const keepers: Readonly<Record<string, (path: string) => boolean>> = {
  tsyringe: (path) => path === "core/container.ts",
  "reflect-metadata": (path) => path === "core/container.ts",
  koffi: (path) => path.startsWith("plugins/runtimes/native/"),
  "onnxruntime-node": (path) => path.startsWith("plugins/runtimes/onnxruntime/"),
  "@grpc/grpc-js": (path) => path.startsWith("plugins/transports/grpc/"),
  "prom-client": (path) => path.startsWith("plugins/telemetry/prometheus/"),
  chokidar: (path) => path.startsWith("plugins/sources/filesystem/"),
  undici: (path) => path.startsWith("plugins/sources/"),
  "@aws-sdk/client-s3": (path) => path.startsWith("plugins/sources/s3/"),
  usearch: (path) => path === "plugins/servables/embedding/index/usearch.ts",
  sharp: (path) => path.startsWith("plugins/servables/transform/"),
  "@huggingface/tokenizers": (path) => /^plugins\/servables\/(vocabulary|transform)\//.test(path),
  "@tensorflow/tfjs": (path) => path.startsWith("plugins/servables/tfjs/"),
  "@tensorflow/tfjs-backend-wasm": (path) => path.startsWith("plugins/servables/tfjs/"),
  commander: (path) => path.startsWith("cli/"),
  vitest: () => false,
  "fast-check": () => false,
};

export function wrongPackage({ from, to }: Import): string | undefined {
  const name = to.startsWith("@") ? to.split("/").slice(0, 2).join("/") : (to.split("/")[0] ?? "");
  const keeper = keepers[name];
  return keeper && !keeper(from) ? `${name} has another keeper` : undefined;
}
