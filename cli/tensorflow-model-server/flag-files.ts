import type { Plugin } from "../../core/index.js";
import { type Batching, batchingOf } from "./batching-file.js";
import type { GivenFlags } from "./flags.js";
import { type Platforms, readPlatforms } from "./platform-config.js";
import { noTransportFiles, type TransportFiles, transportFiles } from "./transport-files.js";

/** What the files say that flags name. */
export type FlagFiles = TransportFiles & {
  readonly batching?: Batching | undefined;
  readonly platforms?: Platforms | undefined;
};

export const noFiles: FlagFiles = noTransportFiles;

/** @throws ServingError */
export async function readFlagFiles(
  flags: GivenFlags,
  plugins: readonly Plugin[],
  signal?: AbortSignal,
): Promise<FlagFiles> {
  const { platform_config_file: file } = flags;
  return {
    ...(await transportFiles(flags, signal)),
    platforms: file ? await readPlatforms(file, plugins, signal) : undefined,
    batching: await batchingOf(flags, signal),
  };
}
