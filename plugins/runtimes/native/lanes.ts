import { createLimiter, type Limiter } from "./limiter.js";

/** libuv's own default. It reads `UV_THREADPOOL_SIZE` once, when the first task of any kind is queued. */
const DEFAULT_POOL = 4;

/** Threads in libuv's pool, by the rules libuv reads its variable with: 1 to 1024. */
export function poolSize(env: NodeJS.ProcessEnv = process.env): number {
  const text = env.UV_THREADPOOL_SIZE;
  if (text === undefined) return DEFAULT_POOL;
  const size = Number.parseInt(text, 10);
  return Number.isNaN(size) ? 1 : Math.min(1024, Math.max(1, size));
}

export type LaneSizes = { readonly runs: number; readonly loads: number };

/**
 * Native calls share libuv's pool with fs and dns, and a load takes seconds where a run takes microseconds. So loads get
 * a quarter of the pool, one thread is left to fs and dns, and runs get the rest: neither can starve the others. A small
 * pool still gives each lane one place.
 */
export function laneSizes(pool: number): LaneSizes {
  const loads = Math.max(1, Math.floor(pool / 4));
  return { loads, runs: Math.max(1, pool - loads - 1) };
}

const sizes = laneSizes(poolSize());

/** Every asynchronous native call goes through one of these two. */
export const lanes: { readonly runs: Limiter; readonly loads: Limiter } = {
  runs: createLimiter(sizes.runs),
  loads: createLimiter(sizes.loads),
};
