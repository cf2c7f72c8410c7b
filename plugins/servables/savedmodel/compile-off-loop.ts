import type { Worker } from "node:worker_threads";
import { type ErrorCode, internal, record, ServingError, spawnWorker } from "../../../core/index.js";
import type { Compiled, CompileRequest } from "./compile.js";

export type CompileJob = { readonly id: number; readonly request: CompileRequest };
/** What the worker answers: an error cannot be posted with its code. */
export type CompileReply = { readonly id: number } & (
  | { readonly compiled: Compiled }
  | { readonly code: ErrorCode; readonly message: string; readonly detail: string }
);

type Pending = { readonly resolve: (compiled: Compiled) => void; readonly reject: (error: unknown) => void };
type Compiler = { readonly worker: Worker; readonly pending: Map<number, Pending>; idle?: NodeJS.Timeout };

// Starting a thread costs far more than lowering a small model: models that load one after another share one.
const IDLE_MS = 5_000;

let current: Compiler | undefined;
let jobs = 0;

// Posting gives records prototypes; names come from the model, so they are taken away again.
function restored({ signatures, lowered, obstacles, ...plain }: Compiled): Compiled {
  const bare = <T>(source: Readonly<Record<string, T>>) => record(Object.entries(source));
  return {
    ...plain,
    signatures: record(
      Object.entries(signatures).map(([name, signature]) => [
        name,
        { ...signature, inputs: bare(signature.inputs), outputs: bare(signature.outputs) },
      ]),
    ),
    lowered: bare(lowered),
    obstacles: bare(obstacles),
  };
}

function dismiss(compiler: Compiler): void {
  if (current === compiler) current = undefined;
  clearTimeout(compiler.idle);
  void compiler.worker.terminate();
}

function settle(compiler: Compiler, reply: CompileReply): void {
  const job = compiler.pending.get(reply.id);
  compiler.pending.delete(reply.id);
  if (job && "compiled" in reply) job.resolve(restored(reply.compiled));
  else if (job && "code" in reply) {
    job.reject(new ServingError(reply.code, reply.message, { cause: reply.detail || undefined }));
  }
  if (compiler.pending.size > 0) return;
  compiler.worker.unref();
  compiler.idle = setTimeout(() => dismiss(compiler), IDLE_MS).unref();
}

function startCompiler(): Compiler {
  const worker = spawnWorker(new URL("./compile.worker.js", import.meta.url));
  const compiler: Compiler = { worker, pending: new Map() };
  const lost = (error: unknown) => {
    if (current === compiler) current = undefined;
    for (const { reject } of compiler.pending.values()) reject(error);
    compiler.pending.clear();
  };
  worker.on("message", (reply: CompileReply) => settle(compiler, reply));
  worker.on("error", lost);
  worker.on("exit", (code) => lost(internal(`the thread that reads SavedModels ended with code ${code}`)));
  return compiler;
}

/**
 * `compile` in a thread of its own, so that the event loop is never held up; the models come over without a copy.
 * A cancelled job is given up at once; the thread drops its result when it is done.
 * @throws what `compile` throws; CANCELLED when `signal` fires
 */
export function compileOffLoop(request: CompileRequest, signal: AbortSignal): Promise<Compiled> {
  const cancelled = () => new ServingError("CANCELLED", "loading was cancelled", { cause: signal.reason });
  if (signal.aborted) return Promise.reject(cancelled());
  current ??= startCompiler();
  const compiler = current;
  clearTimeout(compiler.idle);
  compiler.worker.ref();
  const id = jobs++;
  return new Promise<Compiled>((resolve, reject) => {
    const abort = () => reject(cancelled());
    const done = () => signal.removeEventListener("abort", abort);
    signal.addEventListener("abort", abort, { once: true });
    compiler.pending.set(id, {
      resolve: (compiled) => {
        done();
        resolve(compiled);
      },
      reject: (error) => {
        done();
        reject(error);
      },
    });
    compiler.worker.postMessage({ id, request } satisfies CompileJob);
  });
}
