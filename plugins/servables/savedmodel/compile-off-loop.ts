import { type ErrorCode, record, ServingError, spawnWorker } from "../../../core/index.js";
import type { Compiled, CompileRequest } from "./compile.js";

/** What the worker answers: an error cannot be posted with its code. */
export type CompileReply =
  | { readonly compiled: Compiled }
  | { readonly code: ErrorCode; readonly message: string; readonly detail: string };

// Posting drops prototypes and their absence alike; names come from the model, so the records get theirs taken away again.
function restored({ signatures, lowered, obstacles, models }: Compiled): Compiled {
  const bare = <T>(source: Readonly<Record<string, T>>) => record(Object.entries(source));
  return {
    models,
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

/**
 * `compile` in a thread of its own, so that the event loop is never held up; the models come over without a copy.
 * @throws what `compile` throws; CANCELLED when `signal` fires
 */
export function compileOffLoop(request: CompileRequest, signal: AbortSignal): Promise<Compiled> {
  return new Promise((resolve, reject) => {
    const worker = spawnWorker(new URL("./compile.worker.js", import.meta.url), { workerData: request });
    const settle = (act: () => void) => {
      signal.removeEventListener("abort", abort);
      void worker.terminate();
      act();
    };
    const fail = (error: unknown) => settle(() => reject(error));
    const abort = () => fail(new ServingError("CANCELLED", "loading was cancelled", { cause: signal.reason }));
    worker.once("message", (reply: CompileReply) => {
      if ("compiled" in reply) settle(() => resolve(restored(reply.compiled)));
      else fail(new ServingError(reply.code, reply.message, { cause: reply.detail || undefined }));
    });
    worker.once("error", fail);
    worker.once("exit", (code) => fail(new ServingError("INTERNAL", `the compiler stopped with exit code ${code}`)));
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}
