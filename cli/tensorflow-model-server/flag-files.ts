import { type Batching, batchingOf } from "./batching-file.js";
import type { GivenFlags } from "./flags.js";
import { noTransportFiles, type TransportFiles, transportFiles } from "./transport-files.js";

/** What the files say that flags name. */
export type FlagFiles = TransportFiles & { readonly batching?: Batching | undefined };

export const noFiles: FlagFiles = noTransportFiles;

/** @throws ServingError */
export async function readFlagFiles(flags: GivenFlags): Promise<FlagFiles> {
  return { ...(await transportFiles(flags)), batching: await batchingOf(flags) };
}
