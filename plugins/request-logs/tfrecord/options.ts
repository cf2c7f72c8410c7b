import { z } from "zod";
import { bytes, duration } from "../../../core/index.js";

export const options = z.strictObject({
  prefix: z
    .string()
    .min(1)
    .describe("What the files' paths begin with; `-YYYYMMDD-HHMMSS-PID.tfrecord` (UTC) is added."),
  maxFileSize: bytes().prefault("64MiB").describe("A file that has come to this size is followed by a new one."),
  maxFileAge: duration().prefault("1h").describe("So is one that is this old when a request is logged."),
  maxFiles: z.int().positive().default(10).describe("Files of this prefix that are kept; the oldest go."),
});

export type TFRecordLogOptions = z.infer<typeof options>;
