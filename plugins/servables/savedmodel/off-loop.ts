import type { Worker } from "node:worker_threads";
import { type ErrorCode, internal, resourceExhausted, ServingError, spawnWorker } from "../../../core/index.js";
import type { compile } from "./compile.js";
import type { convert } from "./convert/convert.js";
import type { survey } from "./inspect/survey.js";

/** What the thread does; each blocks, and answers with what can be posted. */
export type Tasks = {
  readonly compile: typeof compile;
  readonly survey: typeof survey;
  readonly convert: typeof convert;
};
export type Task = keyof Tasks;
type Request<T extends Task> = Parameters<Tasks[T]>[0];
type Result<T extends Task> = ReturnType<Tasks[T]>;

export type Job<T extends Task = Task> = { readonly id: number; readonly task: T; readonly request: Request<T> };
/** What the thread answers: an error cannot be posted with its code. */
export type Reply = { readonly id: number } & (
  | { readonly result: Result<Task> }
  | { readonly code: ErrorCode; readonly message: string; readonly detail: string }
);

type Pending = { readonly resolve: (result: Result<Task>) => void; readonly reject: (error: unknown) => void };
type Reader = { readonly worker: Worker; readonly pending: Map<number, Pending>; idle?: NodeJS.Timeout };

// Starting a thread costs far more than lowering a small model: models that load one after another share one.
const IDLE_MS = 5_000;

let current: Reader | undefined;
let jobs = 0;

function dismiss(reader: Reader): void {
  if (current === reader) current = undefined;
  clearTimeout(reader.idle);
  void reader.worker.terminate();
}

function settle(reader: Reader, reply: Reply): void {
  const job = reader.pending.get(reply.id);
  reader.pending.delete(reply.id);
  if (job && "result" in reply) job.resolve(reply.result);
  else if (job && "code" in reply) {
    job.reject(new ServingError(reply.code, reply.message, { cause: reply.detail || undefined }));
  }
  if (reader.pending.size > 0) return;
  reader.worker.unref();
  reader.idle = setTimeout(() => dismiss(reader), IDLE_MS).unref();
}

function failureOf(error: Error & { readonly code?: string }): ServingError {
  if (error.code === "ERR_WORKER_OUT_OF_MEMORY") {
    return resourceExhausted("saved_model.pb takes more memory to read than the process may have", error);
  }
  return internal("the thread that reads SavedModels failed; the server's log has the details", error);
}

function startReader(): Reader {
  const worker = spawnWorker(new URL("./read.worker.js", import.meta.url));
  const reader: Reader = { worker, pending: new Map() };
  const lost = (error: unknown) => {
    if (current === reader) current = undefined;
    for (const { reject } of reader.pending.values()) reject(error);
    reader.pending.clear();
  };
  worker.on("message", (reply: Reply) => settle(reader, reply));
  worker.on("error", (error) => lost(failureOf(error)));
  worker.on("exit", (code) => lost(internal(`the thread that reads SavedModels ended with code ${code}`)));
  return reader;
}

/**
 * Does a task in a thread of its own, so that the event loop is never held up.
 * A cancelled job is given up at once; the thread drops its result when it is done.
 * @throws what the task throws; CANCELLED when `signal` fires
 */
export function offLoop<T extends Task>(task: T, request: Request<T>, signal: AbortSignal): Promise<Result<T>> {
  const cancelled = () => new ServingError("CANCELLED", "loading was cancelled", { cause: signal.reason });
  if (signal.aborted) return Promise.reject(cancelled());
  current ??= startReader();
  const reader = current;
  clearTimeout(reader.idle);
  reader.worker.ref();
  const id = jobs++;
  return new Promise<Result<T>>((resolve, reject) => {
    const abort = () => reject(cancelled());
    const done = () => signal.removeEventListener("abort", abort);
    signal.addEventListener("abort", abort, { once: true });
    reader.pending.set(id, {
      resolve: (result) => {
        done();
        resolve(result as Result<T>);
      },
      reject: (error) => {
        done();
        reject(error);
      },
    });
    reader.worker.postMessage({ id, task, request } satisfies Job<T>);
  });
}
