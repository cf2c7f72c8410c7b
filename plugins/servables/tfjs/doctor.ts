import { createRequire } from "node:module";
import { type Finding, packageFinding } from "../../../core/index.js";
import { packages } from "./backend/library.js";

/** Says which backends are installed, the fastest first; none is started, as that would take seconds. */
export function doctor(): Promise<readonly Finding[]> {
  const { resolve } = createRequire(import.meta.url);
  const backends = ["node-gpu", "node", "wasm"] as const;
  return Promise.all(
    backends.map((backend) => {
      const needed = packages[backend];
      return packageFinding({
        name: needed.at(-1) ?? "",
        gives: `TensorFlow.js models on the backend ${backend}`,
        install: `npm install ${needed.join(" ")}`,
        load: () => needed.map((name) => resolve(name)),
      });
    }),
  );
}
