import {
  type Call,
  elementCount,
  failedPrecondition,
  invalidArgument,
  layouts,
  type Tensor,
  type Tensors,
} from "../../../core/index.js";
import type { Batch } from "./batch.js";
import { stackRows } from "./rows.js";

/** One run that is asked for. */
export type Asked = {
  readonly call: Call;
  readonly rows: number;
  /** When it was asked for, by the clock. */
  readonly since: number;
  /** When its answer is of no more use, by the clock; Infinity without a deadline. */
  readonly deadline: number;
};

/** It, until its answer. Plain and mutable: one is made for every request that may have company. */
export type Task = Asked & {
  /** Where its rows are, in their order. */
  readonly pieces: Piece[];
  /** Whether its caller has had an answer. */
  settled: boolean;
  readonly end: TaskEnd;
};

/** Rows of a task in one batch: `from` up to, without, `to`. */
export type Piece = {
  readonly task: Task;
  readonly from: number;
  readonly to: number;
  batch: Batch;
  /** Once its batch has run. */
  outputs: Tensors | undefined;
};

/** Called once, one of them. */
export type TaskEnd = {
  resolve(outputs: Tensors): void;
  reject(error: unknown): void;
};

/** @throws INVALID_ARGUMENT, mostly with TensorFlow Serving's text, for inputs that cannot be batched */
export function askedFor(call: Call, since: number): Asked {
  const { deadline = Number.POSITIVE_INFINITY } = call;
  return { call, rows: rowsOf(call.inputs), since, deadline };
}

export function createTask({ call, rows, since, deadline }: Asked, end: TaskEnd): Task {
  return { call, rows, since, deadline, pieces: [], settled: false, end };
}

/** The outputs of one of its pieces. */
export function give(piece: Piece, outputs: Tensors): void {
  const { task } = piece;
  if (task.settled) return;
  piece.outputs = outputs;
  if (task.pieces.some((each) => each.outputs === undefined)) return;
  try {
    answer(task, task.pieces.length === 1 ? outputs : join(task));
  } catch (error) {
    fail(task, error);
  }
}

function answer(task: Task, outputs: Tensors): void {
  task.settled = true;
  task.end.resolve(outputs);
}

export function fail(task: Task, error: unknown): void {
  if (task.settled) return;
  task.settled = true;
  task.end.reject(error);
}

function rowsOf(inputs: Tensors): number {
  let rows = -1;
  for (const name in inputs) {
    const input = inputs[name]!;
    const [own] = input.shape;
    if (own === undefined) throw invalidArgument("Batching Run() input tensors must have at least one dimension");
    if (rows >= 0 && own !== rows) {
      throw invalidArgument("Batching Run() input tensors must have equal 0th-dimension size");
    }
    rows = own;
    checkLength(name, input);
  }
  if (rows < 0) throw invalidArgument("Batching Run() must have at least one input tensor");
  return rows;
}

/** One that is longer or shorter than its shape says would move the rows of all behind it. */
function checkLength(name: string, { dtype, shape, data }: Tensor): void {
  const wanted = elementCount(shape) * (dtype === "string" ? 1 : layouts[dtype].items);
  if (data.length === wanted) return;
  throw invalidArgument(`input "${name}" of shape [${shape}] takes ${wanted} items, got ${data.length}`);
}

/** @throws FAILED_PRECONDITION when the parts' outputs differ in more than their rows */
function join({ pieces, rows }: Task): Tensors {
  const joined: Record<string, Tensor> = Object.create(null);
  for (const name in pieces[0]!.outputs) {
    const tensors = pieces.map(({ outputs }) => outputs![name]!);
    if (new Set(tensors.map(({ shape }) => shape.slice(1).join())).size > 1) {
      throw failedPrecondition(
        `Output '${name}' has different shapes in the batches over which this request was split; send fewer rows, or requests of one length`,
      );
    }
    joined[name] = stackRows(tensors, rows);
  }
  return joined;
}
