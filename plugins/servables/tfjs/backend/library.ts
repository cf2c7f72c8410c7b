import { createRequire } from "node:module";
import { dirname, sep } from "node:path";
import { failedPrecondition, messageOf } from "../../../../core/index.js";
import type { BackendName, TfjsOptions } from "../options.js";

export type Tf = typeof import("@tensorflow/tfjs");
type Wasm = typeof import("@tensorflow/tfjs-backend-wasm");

export type Library = {
  readonly tf: Tf;
  readonly backend: BackendName;
  /** Backends that would have come first, are installed, and do not work: why. */
  readonly passedOver: readonly string[];
};

// All of it is CommonJS, and found beside this package.
const require = createRequire(import.meta.url);

export const packages: Readonly<Record<BackendName, readonly string[]>> = {
  "node-gpu": ["@tensorflow/tfjs-node-gpu"],
  node: ["@tensorflow/tfjs-node"],
  wasm: ["@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm"],
  cpu: ["@tensorflow/tfjs"],
};

async function openBackend(backend: BackendName): Promise<Tf> {
  const [first = ""] = packages[backend];
  const tf = require(first) as Tf;
  if (backend === "wasm") {
    const path = "@tensorflow/tfjs-backend-wasm";
    const { setWasmPaths } = require(path) as Wasm;
    setWasmPaths(dirname(require.resolve(path)) + sep);
  }
  if (backend === "wasm" || backend === "cpu") {
    if (!(await tf.setBackend(backend))) throw new Error(`the backend ${backend} could not be set up`);
  }
  await tf.ready();
  return tf;
}

const isAbsent = (error: unknown) => (error as { readonly code?: string }).code === "MODULE_NOT_FOUND";

/**
 * TensorFlow.js with the backend asked for, of `auto` the first that is installed; never the slow `cpu` unless by its name.
 * @throws FAILED_PRECONDITION that says what to install, or why what is installed does not work
 */
export async function openLibrary(wanted: TfjsOptions["backend"]): Promise<Library> {
  const tried: readonly BackendName[] = wanted === "auto" ? ["node-gpu", "node", "wasm"] : [wanted];
  const reasons: string[] = [];
  for (const backend of tried) {
    try {
      return { tf: await openBackend(backend), backend, passedOver: reasons };
    } catch (error) {
      if (!isAbsent(error) || wanted !== "auto") reasons.push(`${backend}: ${messageOf(error).split("\n")[0]}`);
    }
  }
  const advice = `npm install ${packages[tried.at(-1)!].join(" ")}`;
  throw failedPrecondition(
    reasons.length > 0
      ? `TensorFlow.js could not be started (${reasons.join("; ")}). Is it installed? ${advice}`
      : `TensorFlow.js is not installed: ${advice}`,
  );
}
