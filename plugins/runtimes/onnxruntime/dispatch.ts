import { byteLength, type Tensors } from "../../../core/index.js";
import type { OrtSessionOptions } from "./options.js";

/**
 * Runs that mostly take up to this long are made on the event loop: handing a run to another thread and taking it back
 * costs the loop half as much itself, and the machine more. Microseconds.
 */
const INLINE_US = 50;
/** The share of slow runs is that of so many runs, about. One alone says little: another process may have interrupted it. */
const MEMORY = 16;
/** What is not known yet: a few slow runs in a row decide. */
const UNKNOWN_SHARE = 0.25;
const MOST_SLOW = 0.5;
/**
 * A run that took less than this on another thread, for each of those under way with it, may be tried inline without harm:
 * most of a short one's time there is the threads' and the loop's. Microseconds.
 */
const TRY_US = 400;
/** Asynchronous runs of one size between two tries; after each that failed as many again, up to the second. */
const TRY_EVERY = [1000, 32_000] as const;
/** What inline runs may take of one turn of the loop, so that a caller who never waits cannot hold it. Microseconds. */
const TURN_US = 2000;

/** `slow`: the share of inline runs since the last try that took too long; `failed`: tries in a row that came to nothing. */
type Size = { inline: boolean; slow: number; runs: number; untilTry: number; failed: number };

/** Chooses one of two ways to make the same run. The asynchronous one says when it no longer waits for a thread. */
export type Dispatcher = (
  inputs: Tensors,
  inline: () => Tensors,
  async: (onBegin: () => void) => Promise<Tensors>,
) => Tensors | Promise<Tensors>;

/**
 * `auto` goes by measured time, apart for each power of two of the inputs' bytes: the first runs are asynchronous; one that
 * comes back fast is tried inline; while inline runs stay short, that size stays inline. It is only for models whose run
 * time depends on nothing but the sizes of their inputs (see `inline-safe.ts`).
 */
export function createDispatcher(mode: OrtSessionOptions["dispatch"], now = () => performance.now()): Dispatcher {
  if (mode === "inline") return (_, inline) => inline();
  if (mode === "async") return (_, __, async) => async(() => {});

  const sizes = new Map<number, Size>();
  const turn = createTurnBudget();

  const runInline = (size: Size, inline: () => Tensors) => {
    const start = now();
    try {
      return inline();
    } finally {
      const took = (now() - start) * 1000;
      turn.spend(took);
      const proven = size.runs++ >= MEMORY;
      size.slow += ((took > INLINE_US ? 1 : 0) - size.slow) / MEMORY;
      if (size.slow > MOST_SLOW || (took > TRY_US && !proven)) {
        size.inline = false;
        size.failed = proven ? 1 : size.failed + 1;
        size.untilTry = Math.min(TRY_EVERY[0] * 2 ** (size.failed - 1), TRY_EVERY[1]);
      }
    }
  };

  let underWay = 0;

  const runAsync = async (size: Size, async: (onBegin: () => void) => Promise<Tensors>) => {
    // Who waits for others is not slow: under load a tiny run would never be found to be one.
    let start = now();
    underWay++;
    const company = underWay;
    try {
      const outputs = await async(() => {
        start = now();
      });
      if (size.untilTry > 0) size.untilTry--;
      else if ((now() - start) * 1000 < TRY_US * company) {
        Object.assign(size, { inline: true, slow: UNKNOWN_SHARE, runs: 0 });
      }
      return outputs;
    } finally {
      underWay--;
    }
  };

  return (inputs, inline, async) => {
    const key = 32 - Math.clz32(totalBytes(inputs));
    let size = sizes.get(key);
    if (!size) {
      // The first run of a session pays for allocations that later ones reuse.
      size = { inline: false, slow: 0, runs: 0, untilTry: 1, failed: 0 };
      sizes.set(key, size);
    }
    return size.inline && turn.left() ? runInline(size, inline) : runAsync(size, async);
  };
}

/** Time spent since the loop last came round. */
function createTurnBudget() {
  let spent = 0;
  return {
    left: () => spent < TURN_US,
    spend: (microseconds: number) => {
      if (spent === 0) {
        setImmediate(() => {
          spent = 0;
        });
      }
      spent += microseconds;
    },
  };
}

function totalBytes(inputs: Tensors): number {
  let sum = 0;
  for (const name in inputs) sum += byteLength(inputs[name]!);
  return sum;
}
