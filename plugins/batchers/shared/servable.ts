import {
  abortError,
  type BatchClose,
  type BatchEvent,
  type Call,
  type Clock,
  type CodeName,
  invalidArgument,
  resourceExhausted,
  type Servable,
  type Tensors,
} from "../../../core/index.js";
import { execute, paddedSize, rowsIn } from "./execute.js";
import type { Pool } from "./pools.js";
import { createQueue } from "./queue.js";
import type { Rules } from "./rules.js";
import { createTask, type Piece, type Task } from "./task.js";

type Running = { readonly pieces: readonly Piece[]; readonly end: AbortController };

const isSettled = ({ task }: Piece) => task.settled;

type Started = Omit<BatchEvent, "pool" | "model" | "version">;

/** Told of a batch that begins; what it returns, of its end. Pool, model and version are the caller's to say. */
type Report = (event: Started) => (code: CodeName, milliseconds: number) => void;

/** `inner`, with its runs grouped. */
export function batched(
  inner: Servable,
  rules: Rules,
  pool: Pool,
  clock: Clock,
  report: Report = () => () => {},
): Servable {
  const queue = createQueue(rules, clock, pool.look);
  const running = new Set<Running>();
  let onRest = () => {};

  const { leave } = pool.join(() => {
    const taken = queue.take();
    if (!taken) return undefined;
    const { pieces, closed } = taken;
    const batch = { pieces, end: new AbortController() };
    running.add(batch);
    const started = clock.now();
    const ended = report(eventOf(pieces, closed, rules, started));
    return async () => {
      const code = await execute(inner, pieces, rules, batch.end.signal);
      ended(code, clock.now() - started);
      running.delete(batch);
      atRest();
    };
  });

  const atRest = () => {
    if (running.size === 0 && queue.size === 0) onRest();
  };

  async function run(call: Call): Promise<Tensors> {
    const { signal } = call;
    if (signal.aborted) throw abortError(signal);
    let end = () => {};
    try {
      return await new Promise<Tensors>((resolve, reject) => {
        const fail = (error: unknown) => {
          // One part's failure has answered for those that wait.
          queue.remove(task);
          reject(error);
        };
        const task = createTask(call, rules.pad, clock.now(), { resolve, reject: fail });
        checkSize(task, rules);
        queue.add(task);
        const abort = () => {
          task.fail(queue.remove(task) ? expired(signal) : abortError(signal));
          // One caller that stays is reason enough for a batch to go on.
          for (const { pieces, end } of running) if (pieces.every(isSettled)) end.abort(signal.reason);
        };
        signal.addEventListener("abort", abort, { once: true });
        end = () => {
          signal.removeEventListener("abort", abort);
          atRest();
        };
        pool.look();
      });
    } finally {
      end();
    }
  }

  async function dispose(): Promise<void> {
    queue.hurry();
    pool.look();
    await new Promise<void>((resolve) => {
      onRest = resolve;
      atRest();
    });
    leave();
    await inner[Symbol.asyncDispose]();
  }

  const { runSession } = inner;
  return {
    ...inner,
    signatures: inner.signatures,
    run,
    ...(runSession && { runSession: runSession.bind(inner) }),
    [Symbol.asyncDispose]: dispose,
  };
}

function eventOf(pieces: readonly Piece[], closed: BatchClose, rules: Rules, now: number): Started {
  const first = pieces.filter(({ part }) => part === 0).map(({ task }) => task);
  const rows = rowsIn(pieces);
  return {
    signature: pieces[0]!.task.call.signature,
    priority: "normal",
    closed,
    waits: first.map(({ since }) => now - since),
    requestRows: first.map((task) => task.rows),
    rows,
    size: paddedSize(rows, rules.sizes),
    limit: rules.maxBatchRows,
  };
}

/** @throws INVALID_ARGUMENT */
function checkSize({ rows }: Task, { maxTaskRows }: Rules): void {
  if (rows <= maxTaskRows) return;
  throw invalidArgument(`Task size ${rows} is larger than maximum input batch size ${maxTaskRows}`);
}

/** The error of a caller who went while it waited. */
function expired(signal: AbortSignal) {
  const error = abortError(signal);
  if (error.code !== "DEADLINE_EXCEEDED") return error;
  return resourceExhausted("Run() timeout exceeded while waiting in batching queue", error);
}
