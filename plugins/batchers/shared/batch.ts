import type { BatchClose, Call } from "../../../core/index.js";
import type { Piece, Task } from "./task.js";

/** How many batches wait of those that are bounded together. */
export type Queue = { enqueued: number };

/** Rows that run together. Plain and mutable, as its tasks are. */
export type Batch = {
  readonly queue: Queue;
  /** Stands for the calls of all its tasks: those that fit it fit all. */
  readonly sample: Call;
  readonly pieces: Piece[];
  rows: number;
  /** Takes no more. */
  full: boolean;
  /** The nearest of its tasks' deadlines. */
  deadline: number;
  /** Why it was taken; it waits until it is. */
  closed: BatchClose | undefined;
  /** One request of a batch that was refused. */
  again: boolean;
  /** Ends its run; absent where it has one caller, whose signal does. */
  end: AbortController | undefined;
};

export function createBatch(queue: Queue, sample: Call): Batch {
  return {
    queue,
    sample,
    pieces: [],
    rows: 0,
    full: false,
    deadline: Number.POSITIVE_INFINITY,
    closed: undefined,
    again: false,
    end: undefined,
  };
}

export function put(batch: Batch, task: Task, from: number, to: number): void {
  const piece: Piece = { task, from, to, batch, outputs: undefined };
  task.pieces.push(piece);
  adopt(batch, piece);
}

export function withdraw(batch: Batch, piece: Piece): void {
  batch.pieces.splice(batch.pieces.indexOf(piece), 1);
  released(batch, piece);
}

/** Moves the first pieces, whole, while they have no more than `rows` rows together. */
export function move(source: Batch, target: Batch, rows: number): void {
  let count = 0;
  for (const piece of source.pieces) {
    rows -= piece.to - piece.from;
    if (rows < 0) break;
    count++;
  }
  for (const piece of source.pieces.splice(0, count)) {
    adopt(target, piece);
    released(source, piece);
  }
}

/** One for each of a batch's requests that has not ended; none where there was but one, who has run by itself. */
export function oneByOne({ pieces, queue, closed }: Batch): Batch[] {
  if (pieces.length < 2) return [];
  const waiting = pieces.filter(({ task }) => !task.settled);
  return waiting.map((piece) => {
    const batch = createBatch(queue, piece.task.call);
    adopt(batch, piece);
    return Object.assign(batch, { closed, again: true });
  });
}

function adopt(batch: Batch, piece: Piece): void {
  piece.batch = batch;
  batch.pieces.push(piece);
  batch.rows += piece.to - piece.from;
  if (piece.task.deadline < batch.deadline) batch.deadline = piece.task.deadline;
}

/** To be called after the piece has left `pieces`. */
function released(batch: Batch, { from, to, task }: Piece): void {
  batch.rows -= to - from;
  if (task.deadline > batch.deadline || batch.deadline === Number.POSITIVE_INFINITY) return;
  batch.deadline = Number.POSITIVE_INFINITY;
  for (const each of batch.pieces) batch.deadline = Math.min(batch.deadline, each.task.deadline);
}
