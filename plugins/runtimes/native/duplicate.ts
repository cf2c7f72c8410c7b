import type { NativeFunction } from "./call.js";
import { holdForever } from "./hold.js";
import { koffi } from "./koffi.js";

let dup: NativeFunction<[number], number> | undefined;

/**
 * Another descriptor of what `fd` refers to, which each may close for itself; Node has no function for it.
 * @throws Error when the process has as many as it may
 */
export function duplicate(fd: number): number {
  dup ??= holdForever(holdForever(koffi.load(null)).func("dup", "int", ["int"])) as unknown as typeof dup;
  const copy = dup!(fd);
  if (copy < 0) throw new Error(`the descriptor ${fd} cannot be duplicated; is the limit of open files reached?`);
  return copy;
}
