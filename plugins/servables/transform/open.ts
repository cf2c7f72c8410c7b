import { failedPrecondition, isConfigError } from "../../../core/index.js";
import type { TransformFile } from "./files.js";
import { createProgram, type Program } from "./run/program.js";
import { openSteps } from "./spec/open-steps.js";
import { orderSteps } from "./spec/order.js";
import { parseSpec } from "./spec/spec.js";

const FIT = "salver transform fit DATA.csv";

/**
 * A transform file, checked from end to end and ready to run.
 * @throws FAILED_PRECONDITION with file, line and column of everything that is wrong
 */
export async function openTransform({ name, folder, text }: TransformFile): Promise<Program> {
  try {
    const spec = parseSpec(name, text);
    const steps = await openSteps(spec, orderSteps(spec), [folder]);
    if (steps.unfitted.length > 0) {
      throw spec.error(
        steps.unfitted.map(({ index, op, options }) => ({
          path: ["steps", index],
          message: `missing: ${op.fitting!.missing(options as never).join(", ")}; \`${FIT} ${name}\` computes what is to be fitted`,
        })),
      );
    }
    return createProgram(spec, steps);
  } catch (error) {
    if (isConfigError(error)) throw failedPrecondition(error.message, error);
    throw error;
  }
}
