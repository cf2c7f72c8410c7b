import koffi from "koffi";

const MiB = 2 ** 20;

/**
 * Native code runs on stacks that koffi makes, not on the thread's own. Its 128 KiB for asynchronous calls are too
 * little for loading a deep graph, and overrunning them ends the process. Elsewhere than on Windows a stack takes
 * address space only until it is touched, so these are the 8 MiB that native threads usually have; on Windows every
 * byte is committed at once.
 */
const stack = process.platform === "win32" ? MiB : 8 * MiB;

// The settings are frozen once any library has been loaded. Where another user of koffi came first, its settings stand.
try {
  koffi.config({
    sync_stack_size: stack,
    async_stack_size: stack,
    // Sets of blocks that are kept between calls instead of being mapped anew for each: koffi's maximum.
    resident_async_pools: 32,
    // The lanes keep well below it; a call beyond it throws.
    max_async_calls: 4096,
  });
} catch {}

export { koffi };
