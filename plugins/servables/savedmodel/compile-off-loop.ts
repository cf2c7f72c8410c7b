import { record, restoredSignatures } from "../../../core/index.js";
import type { Compiled, CompileRequest } from "./compile.js";
import { offLoop } from "./off-loop.js";

/**
 * `compile` in a thread of its own; the models come over without a copy.
 * @throws what `compile` throws; CANCELLED when `signal` fires
 */
export async function compileOffLoop(request: CompileRequest, signal: AbortSignal): Promise<Compiled> {
  const { signatures, lowered, obstacles, ...plain } = await offLoop("compile", request, signal);
  return {
    ...plain,
    signatures: restoredSignatures(signatures),
    lowered: record(Object.entries(lowered)),
    obstacles: record(Object.entries(obstacles)),
  };
}
