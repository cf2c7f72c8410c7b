/** Batches from one look at the latencies to the next. */
const WINDOW = 10;
/** Of a window's batches, so many that the others are fewer: what they say is no chance. */
const MOST = WINDOW / 2 + 1;
const DECREASE = 0.9;
/** The increase, as a part of the most rows. */
const STEP = 1 / 64;
/** A request that waited for so many runs of its batch's length waited for more than the batch before. */
const BEHIND = 1.5;
/** Batches for which a limit that had been too low is not lowered again. */
const HOLD = 100;

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
 * The largest batches whose latency, mostly, keeps to `target` milliseconds, by additive increase and multiplicative
 * decrease as in Clipper (Crankshaw et al., NSDI 2017). It goes down only when most of a window's batches were late, so
 * that a stall here and there costs nothing. Where the latency is less than half of the target the limit doubles, as
 * TCP's window does, and where it is more than twice the target it halves: batches of half the rows take no less than
 * half of the time, so neither goes too far.
 *
 * Whose oldest request waited for whole batches ahead of it is not shortened by smaller batches: they would be less
 * efficient and make that wait longer still. Such a batch never counts as late, and where most are such and over the
 * target the limit doubles, and stays for a while: only more throughput helps.
 */
export function createBatchLimit(target: number, most: number): BatchLimit {
  const step = Math.max(1, Math.round(most * STEP));
  let limit = 1;
  let [batches, late, far, behind, largest] = [0, 0, 0, 0, 0];
  let limited = false;
  let held = 0;

  function become(rows: number): void {
    limit = Math.min(most, Math.max(1, rows));
    [batches, late, far, behind, largest] = [0, 0, 0, 0, 0];
    limited = false;
  }

  function count(batch: Observation): void {
    const { rows, wait, run } = batch;
    batches++;
    limited ||= batch.limited;
    largest = Math.max(largest, Math.min(rows, limit));
    if (wait > BEHIND * run) {
      if (batch.limited && wait + run > target) behind++;
      return;
    }
    const latency = Math.min(wait, run) + run;
    // One larger than the limit is of one request, or from before it: a lower limit would not have made it smaller.
    if (rows > limit || latency <= target) return;
    late++;
    if (latency > 2 * target) far++;
  }

  return {
    get rows() {
      return limit;
    },
    observe: (batch) => {
      count(batch);
      // No run is quick by chance, so that one is enough; whoever comes may have to wait for as long.
      const room = batch.limited && 2 * batch.rows > limit && 4 * batch.run <= target;
      held--;
      if (behind >= MOST) held = HOLD;
      if (room || behind >= MOST) become(2 * limit);
      else if (held > 0 && late >= MOST) become(limit);
      else if (far >= MOST) become(Math.floor(largest / 2));
      else if (late >= MOST) become(Math.floor(DECREASE * largest));
      // A limit that nobody comes up to says nothing of what would be beyond it.
      else if (batches >= WINDOW) become(limited ? limit + step : limit);
    },
  };
}
