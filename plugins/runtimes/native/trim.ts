import { callAsync, type NativeFunction } from "./call.js";
import { holdForever } from "./hold.js";
import { koffi } from "./koffi.js";
import { lanes } from "./lanes.js";

type Trim = NativeFunction<[number], number>;
let found: { readonly trim: Trim | undefined } | undefined;

/** glibc's `malloc_trim`; other allocators give memory back by themselves. */
function find(): Trim | undefined {
  try {
    const self = holdForever(koffi.load(null));
    return holdForever(self.func("malloc_trim", "int", ["size_t"])) as unknown as Trim;
  } catch {
    return undefined;
  }
}

/**
 * Gives freed memory back to the operating system. glibc keeps what was allocated in pieces below 32 MiB for itself, which
 * after unloading a model is most of the model. Off the event loop; call it after something large has been released.
 */
export async function trimMemory(): Promise<void> {
  if (process.platform !== "linux") return;
  found ??= { trim: find() };
  if (found.trim) await callAsync(found.trim, [0], { lane: lanes.loads });
}
