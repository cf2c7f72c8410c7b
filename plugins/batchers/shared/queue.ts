import { type BatchClose, type Clock, unavailable } from "../../../core/index.js";
import type { Rules } from "./rules.js";
import type { Piece, Task } from "./task.js";

type Waiting = {
  readonly queue: string;
  readonly kind: string;
  pieces: readonly Piece[];
  rows: number;
  /** Takes no more. */
  full: boolean;
  /** Has waited long enough. */
  due: boolean;
  /** Ends the wait. */
  readonly end: AbortController;
};

/** The batches of one servable that have not begun, the oldest first. */
export interface Queue {
  /** All of the task or, when it throws, nothing. @throws UNAVAILABLE when too many batches wait */
  add(task: Task): void;
  /** Whether any of it still waited. */
  remove(task: Task): boolean;
  /** The pieces of a batch that may begin, if there is one. */
  take(): { readonly pieces: readonly Piece[]; readonly closed: BatchClose } | undefined;
  /** From now on nothing waits for more to come. */
  hurry(): void;
  readonly size: number;
}

/** `onDue` is called when a batch has waited long enough. */
export function createQueue(rules: Rules, clock: Clock, onDue: () => void): Queue {
  const { maxBatchRows: max, split, maxEnqueuedBatches } = rules;
  let batches: readonly Waiting[] = [];
  let hurried = rules.timeout === 0;
  let disposing = false;

  function begin({ queue, kind }: Task): Waiting {
    const batch: Waiting = { queue, kind, pieces: [], rows: 0, full: false, due: hurried, end: new AbortController() };
    batches = [...batches, batch];
    if (!batch.due) void wait(batch);
    return batch;
  }

  async function wait(batch: Waiting): Promise<void> {
    try {
      await clock.sleep(rules.timeout, batch.end.signal);
    } catch {
      return;
    }
    batch.due = true;
    onDue();
  }

  function drop(batch: Waiting): void {
    batches = batches.filter((each) => each !== batch);
    batch.end.abort();
  }

  function checkRoom(task: Task, open: Waiting | undefined): void {
    const room = open ? max - open.rows : 0;
    if (open && task.rows <= room) return;
    const needed = split ? Math.max(1, Math.ceil((task.rows - room) / max)) : 1;
    const enqueued = batches.filter(({ queue }) => queue === task.queue).length;
    if (enqueued + needed <= maxEnqueuedBatches) return;
    throw unavailable(
      `The batch scheduling queue to which this task was submitted is full; currently ${enqueued} batches enqueued and max_enqueued_batches is ${maxEnqueuedBatches}`,
    );
  }

  return {
    add(task) {
      let open = batches.findLast(({ kind, full }) => kind === task.kind && !full);
      checkRoom(task, open);
      let [from, part] = [0, 0];
      do {
        if (open && (split ? open.rows >= max : open.rows + task.rows > max)) open.full = true;
        if (!open || open.full) open = begin(task);
        const to = split ? Math.min(task.rows, from + max - open.rows) : task.rows;
        open.pieces = [...open.pieces, { task, part, from, to }];
        open.rows += to - from;
        open.full = open.rows >= max;
        from = to;
        part++;
      } while (from < task.rows);
      task.cut(part);
    },

    remove(task) {
      let found = false;
      for (const batch of batches) {
        const left = batch.pieces.filter((piece) => piece.task !== task);
        if (left.length === batch.pieces.length) continue;
        found = true;
        batch.pieces = left;
        batch.rows = left.reduce((sum, { from, to }) => sum + to - from, 0);
        if (left.length === 0) drop(batch);
      }
      return found;
    },

    take() {
      const batch = batches.find(({ full, due }) => full || due);
      if (!batch) return undefined;
      drop(batch);
      const closed = batch.full ? "full" : disposing ? "shutdown" : rules.timeout === 0 ? "idle" : "timeout";
      return { pieces: batch.pieces, closed };
    },

    hurry() {
      hurried = true;
      disposing = true;
      for (const batch of batches) batch.due = true;
    },

    get size() {
      return batches.length;
    },
  };
}
