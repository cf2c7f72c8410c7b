import { z } from "zod";
import { duration } from "../../../core/index.js";

export const options = z.strictObject({
  path: z
    .string()
    .min(1)
    .describe(
      "Folder with one numeric folder a version, or a single model: its folder or file, then served as version 1.",
    ),
  poll: duration().prefault("1s").describe("Time between two looks at the folder; 0s looks at the start only."),
  settle: duration()
    .optional()
    .describe("How long a new version must stay unchanged before it is offered; by default from one look to the next."),
  wait: z
    .boolean()
    .prefault(false)
    .describe("Whether a path that does not exist yet is waited for; otherwise it is a mistake of the config."),
  watch: z
    .boolean()
    .prefault(true)
    .describe(
      "Whether to look at once when the operating system reports a change; looking goes on at each poll anyway.",
    ),
});

export type FilesystemOptions = z.infer<typeof options>;
