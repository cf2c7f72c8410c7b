import { failedPrecondition, tensor } from "../../../core/index.js";
import type { OrtSession } from "./session.js";

/**
 * Runs the probe model in `session`: names, shape and values must come back as the model says. Through the C interface
 * this is what tells a wrong function table from a right one before any real model is trusted to it.
 * @throws FAILED_PRECONDITION
 */
export async function probe(session: OrtSession): Promise<void> {
  const { x } = session.inputs;
  const described = `${x?.dtype} ${x?.shape} ${x?.dimNames} ${Object.keys(session.outputs)}`;
  const input = tensor("float32", [3], new Float32Array([1.5, -2, 0.25]));
  const { y } = await session.run({ x: input }, ["y"], { signal: new AbortController().signal });
  const answered = `${y?.dtype} ${y?.shape} ${y?.data}`;
  if (described !== "float32 -1 n y" || answered !== "float32 3 -1.5,-2,-0.25") {
    throw failedPrecondition(`the self-test got wrong answers: ${described}; ${answered}`);
  }
}
