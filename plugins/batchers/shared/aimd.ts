/** Batches from one look at the latencies to the next. */
const WINDOW = 20;
/** Of a window's batches, so many may be over the target: 95 % are held to it. */
const TOLERATED = 1;
const DECREASE = 0.9;
/** The increase, as a part of the most rows. */
const STEP = 1 / 64;

/** What one batch was like. */
export type Observation = {
  readonly rows: number;
  /** Whether it would have been larger but for the limit. */
  readonly limited: boolean;
  /** Milliseconds that its oldest request waited, and that it ran. */
  readonly wait: number;
  readonly run: number;
};

/** How large batches may be. */
export interface BatchLimit {
  /** Rows, from 1 to the most there may be. */
  readonly rows: number;
  observe(batch: Observation): void;
}

/**
 * The largest batches whose latency keeps to `target` milliseconds, by additive increase and multiplicative decrease as
 * in Clipper (Crankshaw et al., NSDI 2017); until the first decrease the limit doubles, as TCP's window does.
 *
 * Waiting counts up to the length of one run. Who waited longer, waited for whole batches ahead of it: smaller ones
 * would be less efficient and make that wait longer still, so that a backlog would shrink batches until nothing is
 * served in time.
 */
export function createBatchLimit(target: number, most: number): BatchLimit {
  const step = Math.max(1, Math.round(most * STEP));
  let limit = 1;
  let starting = true;
  let [batches, over, largest] = [0, 0, 0];
  let limited = false;

  function look(): void {
    [batches, over, largest] = [0, 0, 0];
    limited = false;
  }

  return {
    get rows() {
      return limit;
    },
    observe: (batch) => {
      batches++;
      limited ||= batch.limited;
      largest = Math.max(largest, batch.rows);
      if (Math.min(batch.wait, batch.run) + batch.run > target) over++;
      if (over > (starting ? 0 : TOLERATED)) {
        starting = false;
        limit = Math.max(1, Math.floor(DECREASE * Math.min(limit, largest)));
        look();
      } else if (batches >= (starting ? 1 : WINDOW)) {
        // A limit that nobody comes up to says nothing of what would be beyond it.
        if (limited) limit = Math.min(most, starting ? 2 * limit : limit + step);
        starting &&= limit < most;
        look();
      }
    },
  };
}
