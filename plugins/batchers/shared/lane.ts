import { type BatchClose, type Call, unavailable } from "../../../core/index.js";
import { type Batch, createBatch, move, put, withdraw } from "./batch.js";
import { dueAt, reasonToClose } from "./closing.js";
import { type MayDiffer, sameQueue, sameShapes } from "./kind.js";
import type { LaneRules } from "./rules.js";
import type { Asked, Piece, Task } from "./task.js";

/** The batches of one servable and one priority that have not begun, the oldest first. */
export interface Lane {
  /** All of the task or, when it throws, nothing. @throws UNAVAILABLE when too many batches wait */
  add(task: Task): void;
  /** Of a piece that waits. */
  remove(piece: Piece): void;
  /** The first batch that may begin now, of no more than `limit` rows unless its first request has more. */
  take(now: number, limit: number): Batch | undefined;
  /** Moves to `batch`, which is another lane's, what fits it, up to `rows` rows. */
  fill(batch: Batch, rows: number): void;
  /** When, by the clock, the next batch that waits will have to begin. */
  due(): number;
  /**
   * Batches that are to begin before `joined`, or before a new one, and what `runTime` says of them together; those that
   * still wait for more do not count.
   */
  ahead(
    joined: Batch | undefined,
    runTime: (rows: number) => number,
  ): { readonly batches: number; readonly time: number };
  /** The batch that such a task would join. */
  openFor(task: Asked): Batch | undefined;
  /** From now on nothing waits for more to come. */
  hurry(): void;
  readonly length: number;
}

/** `runTime`: milliseconds that a batch of so many rows takes; undefined before any has run. */
export function createLane(
  rules: LaneRules,
  mayDiffer: MayDiffer,
  runTime: (rows: number) => number | undefined,
): Lane {
  const { maxBatchRows: max, split, maxEnqueuedBatches, timeout } = rules;
  const closing = { timeout, runTime };
  const waiting: Batch[] = [];
  // Those of `waiting` that take more, one a kind: all that a request has to be compared with.
  const open: Batch[] = [];
  let unloading = false;

  function begin({ call }: Task): Batch {
    const kin = waiting.find(({ sample }) => sameQueue(sample, call));
    const batch = createBatch(kin?.queue ?? { enqueued: 0 }, call);
    batch.queue.enqueued++;
    waiting.push(batch);
    open.push(batch);
    return batch;
  }

  function shut(batch: Batch): void {
    batch.full = true;
    drop(open, batch);
  }

  function leave(batch: Batch): void {
    batch.queue.enqueued--;
    drop(waiting, batch);
    drop(open, batch);
  }

  const fits = (a: Call, b: Call) => sameQueue(a, b) && sameShapes(a, b, mayDiffer);

  function openFor(task: Asked): Batch | undefined {
    for (const batch of open) if (fits(batch.sample, task.call)) return batch;
    return undefined;
  }

  function checkRoom(task: Task, last: Batch | undefined): void {
    const room = last ? max - last.rows : 0;
    if (last && task.rows <= room) return;
    const needed = split ? Math.max(1, Math.ceil((task.rows - room) / max)) : 1;
    const kin = last ?? waiting.find(({ sample }) => sameQueue(sample, task.call));
    const enqueued = kin?.queue.enqueued ?? 0;
    if (enqueued + needed <= maxEnqueuedBatches) return;
    throw unavailable(
      `The batch scheduling queue to which this task was submitted is full; currently ${enqueued} batches enqueued and max_enqueued_batches is ${maxEnqueuedBatches}`,
    );
  }

  function whole(batch: Batch, reason: BatchClose): Batch {
    leave(batch);
    batch.closed = reason;
    return batch;
  }

  /** The first rows of `batch`, or all of them and what fits of those behind it. */
  function limited(batch: Batch, reason: BatchClose, limit: number): Batch {
    const [first] = batch.pieces;
    const part = createBatch(batch.queue, batch.sample);
    const more = topUp(part, Math.max(limit, first ? first.to - first.from : 0));
    // Who took no more may have been left by some of its rows since.
    part.closed = more ? "full" : reason === "full" ? "idle" : reason;
    return part;
  }

  /** Moves up to `rows` rows to `target`, from the oldest on. Returns whether any are left that might be in it. */
  function topUp(target: Batch, rows: number): boolean {
    const most = target.rows + rows;
    for (const batch of [...waiting]) {
      if (!fits(target.sample, batch.sample)) continue;
      move(batch, target, most - target.rows);
      // What is behind one that does not fit must not overtake it.
      if (batch.pieces.length > 0) return true;
      leave(batch);
    }
    return false;
  }

  return {
    add(task) {
      let batch = openFor(task);
      checkRoom(task, batch);
      let from = 0;
      do {
        if (batch && (split ? batch.rows >= max : batch.rows + task.rows > max)) {
          shut(batch);
          batch = undefined;
        }
        batch ??= begin(task);
        const to: number = split ? Math.min(task.rows, from + max - batch.rows) : task.rows;
        put(batch, task, from, to);
        if (batch.rows >= max) shut(batch);
        from = to;
      } while (from < task.rows);
    },

    remove(piece) {
      const { batch } = piece;
      withdraw(batch, piece);
      if (batch.pieces.length === 0) leave(batch);
    },

    take(now, limit) {
      for (const batch of waiting) {
        const reason = reasonToClose(batch, now, unloading, closing);
        if (reason === undefined) continue;
        return limit >= max ? whole(batch, reason) : limited(batch, reason, limit);
      }
      return undefined;
    },

    fill: (target, rows) => {
      topUp(target, rows);
    },

    due: () => waiting.reduce((earliest, batch) => Math.min(earliest, dueAt(batch, closing)), Number.POSITIVE_INFINITY),

    ahead(joined, runTime) {
      let [batches, time] = [0, 0];
      for (const batch of waiting) {
        if (timeout > 0 ? !batch.full : batch === joined) continue;
        batches++;
        time += runTime(batch.rows);
      }
      return { batches, time };
    },

    openFor,

    hurry() {
      unloading = true;
    },

    get length() {
      return waiting.length;
    },
  };
}

function drop<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}
