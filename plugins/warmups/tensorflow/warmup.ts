import { invalidArgument, isServingError, ServingError, type Warmup, type WarmupTarget } from "../../../core/index.js";
import { warmupFile } from "../../../protos/serving/warmup-file.js";
import { readRecordFile } from "../../../protos/tfrecord/read.js";
import type { TensorFlowWarmupOptions } from "./options.js";
import { recordedRequest } from "./request.js";

const ABSENT = new Set(["ENOENT", "ENOTDIR"]);

type Numbered = { readonly record: Uint8Array; readonly number: number };

/** The records of the file, none if there is no file. @throws ServingError */
async function* recordsOf(path: string, most: number): AsyncGenerator<Numbered, void, undefined> {
  let number = 0;
  try {
    for await (const record of readRecordFile(path)) {
      number++;
      if (number > most) {
        throw invalidArgument(`Number of warmup records exceeds the maximum (${most}) at ${path}`);
      }
      yield { record, number };
    }
  } catch (error) {
    if (ABSENT.has((error as NodeJS.ErrnoException).code ?? "")) return;
    if (!isServingError(error) || error.code !== "DATA_LOSS") throw error;
    throw new ServingError("DATA_LOSS", `${error.message}. Please verify your warmup data is in TFRecord format.`, {
      cause: error,
    });
  }
}

async function runRecord(
  target: WarmupTarget,
  { record, number }: Numbered,
  path: string,
  iterations: number,
  signal: AbortSignal,
): Promise<void> {
  const request = recordedRequest(record, path);
  try {
    for (let i = 0; i < iterations; i++) await request(target, signal);
  } catch (error) {
    if (!isServingError(error)) throw error;
    throw new ServingError(error.code, `${error.message} (warm-up record ${number} of ${path})`, { cause: error });
  }
}

/** Holds as many records in memory as it has threads. */
export function tensorFlowWarmup({ iterations, threads, maxRecords }: TensorFlowWarmupOptions): Warmup {
  return {
    run: async (target, version, signal) => {
      const path = warmupFile(version.path);
      const records = recordsOf(path, maxRecords);
      const failed = new AbortController();
      const until = AbortSignal.any([signal, failed.signal]);
      const work = async () => {
        for await (const each of records) {
          until.throwIfAborted();
          await runRecord(target, each, path, iterations, until);
        }
      };
      // The first failure counts, and ends what the other threads are at; none is left running behind it.
      let failure: unknown;
      const threadsDone = Array.from({ length: threads }, () =>
        work().catch((error: unknown) => {
          if (failed.signal.aborted) return;
          failure = error;
          failed.abort(error);
        }),
      );
      await Promise.all(threadsDone);
      if (failed.signal.aborted) throw failure;
    },
  };
}
