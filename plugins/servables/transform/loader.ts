import {
  DEFAULT_SIGNATURE,
  failedPrecondition,
  type Loader,
  type LocalVersion,
  type Servable,
} from "../../../core/index.js";
import { readTransform } from "./files.js";
import { folderSize } from "./folder-size.js";
import { openTransform } from "./open.js";
import type { TransformOptions } from "./options.js";
import { createSlicer } from "./run/in-slices.js";
import { type Program, signatureOf, towards } from "./run/program.js";

const MiB = 2 ** 20;

/** Loads one version of a transform. It has one signature, `serving_default`. */
export function transformLoader(version: LocalVersion, { file }: TransformOptions): Loader {
  return {
    // Vocabularies take their text and about as much again for finding in it, and lie twice in memory while they are read.
    estimate: async () => ({ memory: 4 * (await folderSize(version.path)) + MiB }),
    load: async (signal) => {
      const program = await openTransform(await readTransform(version.path, file));
      signal.throwIfAborted();
      return transformServable(program);
    },
  };
}

function transformServable(program: Program): Servable {
  const run = createSlicer();
  return {
    signatures: { [DEFAULT_SIGNATURE]: signatureOf(program) },
    engine: "javascript",
    run: async ({ signature, inputs, outputs, signal }) => {
      if (signature !== DEFAULT_SIGNATURE) {
        throw failedPrecondition(`a transform has one signature, ${DEFAULT_SIGNATURE}; asked for "${signature}"`);
      }
      return run(towards(program, outputs), inputs, signal);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
