import type { FileHandle } from "node:fs/promises";
import { resolve } from "node:path";
import { type Host, messageOf, type RequestLog } from "../../../core/index.js";
import { encodePredictionLog } from "../../../protos/serving/encode-log.js";
import { encodeRecord } from "../../../protos/tfrecord/write.js";
import { openNext, removeOldest } from "./files.js";
import type { TFRecordLogOptions } from "./options.js";

type Current = { readonly file: FileHandle; readonly opened: number; size: number };

export function tfrecordLog(host: Pick<Host, "baseDir" | "log">, options: TFRecordLogOptions): RequestLog {
  const { maxFileSize, maxFileAge, maxFiles } = options;
  const prefix = resolve(host.baseDir, options.prefix);
  let current: Current | undefined;

  async function close(): Promise<void> {
    const ending = current;
    current = undefined;
    try {
      await ending?.file.sync();
    } finally {
      await ending?.file.close();
    }
  }

  async function next(timestamp: number): Promise<Current> {
    if (current && current.size < maxFileSize && timestamp - current.opened < maxFileAge) return current;
    await close();
    current = { file: await openNext(prefix, timestamp), opened: timestamp, size: 0 };
    await removeOldest(prefix, maxFiles).catch((error: unknown) =>
      host.log.warn({ prefix }, `old request logs stay: ${messageOf(error)}`),
    );
    return current;
  }

  return {
    write: async (request) => {
      const record = encodeRecord(encodePredictionLog(request));
      const into = await next(request.timestamp);
      try {
        await into.file.appendFile(record);
        into.size += record.length;
      } catch (error) {
        // Half a record would make all of the file unreadable behind it: it is cut off, and the file left.
        await into.file.truncate(into.size).catch(() => {});
        await close().catch(() => {});
        throw error;
      }
    },
    [Symbol.asyncDispose]: close,
  };
}
