import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** V8's own garbage collector at will, with or without `--expose-gc`. */
export function garbageCollector(): () => void {
  if (typeof globalThis.gc === "function") return globalThis.gc as () => void;
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}
