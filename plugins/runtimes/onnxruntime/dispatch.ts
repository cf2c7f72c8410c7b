import { byteLength, type Tensors } from "../../../core/index.js";
import type { OrtSessionOptions } from "./options.js";

/**
 * Runs up to this long are made on the event loop: handing a run to another thread and taking it back costs the loop about
 * as much itself. Microseconds.
 */
const INLINE_US = 25;
/** A run that took less than this in all, on another thread, may be tried inline without harm. Microseconds. */
const TRY_US = 400;
/** Slow inline runs in a row before a size is taken off the loop; one alone may be another process's doing. */
const STRIKES = 3;
/** Asynchronous runs of one size between two tries. */
const TRY_EVERY = 1000;
/** What inline runs may take of one turn of the loop, so that a caller who never waits cannot hold it. Microseconds. */
const TURN_US = 1000;

/** A first try has no record to excuse it, only that the process's first inline runs pay for code not compiled yet. Microseconds. */
const FIRST_US = 4 * INLINE_US;

type Size = { inline: boolean; proven: boolean; strikes: number; untilTry: number };

/** Chooses one of two ways to make the same run. */
export type Dispatcher = (
  inputs: Tensors,
  inline: () => Tensors,
  async: () => Promise<Tensors>,
) => Tensors | Promise<Tensors>;

/**
 * `auto` goes by measured time, apart for each power of two of the inputs' bytes: the first runs are asynchronous; one that
 * comes back fast is tried inline; while inline runs stay short, that size stays inline. It is only for models whose run
 * time depends on nothing but the sizes of their inputs (see `inline-safe.ts`).
 */
export function createDispatcher(mode: OrtSessionOptions["dispatch"], now = () => performance.now()): Dispatcher {
  if (mode === "inline") return (_, inline) => inline();
  if (mode === "async") return (_, __, async) => async();

  const sizes = new Map<number, Size>();
  const turn = createTurnBudget();

  const runInline = (size: Size, inline: () => Tensors) => {
    const start = now();
    try {
      return inline();
    } finally {
      const took = (now() - start) * 1000;
      turn.spend(took);
      const short = took <= INLINE_US;
      size.strikes = short ? 0 : size.proven || took <= FIRST_US ? size.strikes + 1 : STRIKES;
      size.proven ||= short;
      if (size.strikes >= STRIKES) {
        size.inline = false;
        size.untilTry = TRY_EVERY;
      }
    }
  };

  const runAsync = async (size: Size, async: () => Promise<Tensors>) => {
    const start = now();
    const outputs = await async();
    if (size.untilTry > 0) size.untilTry--;
    else if ((now() - start) * 1000 < TRY_US) {
      size.inline = true;
      size.proven = false;
      size.strikes = 0;
    }
    return outputs;
  };

  return (inputs, inline, async) => {
    const key = 32 - Math.clz32(totalBytes(inputs));
    let size = sizes.get(key);
    if (!size) {
      // The first run of a session pays for allocations that later ones reuse.
      size = { inline: false, proven: false, strikes: 0, untilTry: 1 };
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
