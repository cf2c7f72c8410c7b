import { invalidArgument } from "../errors.js";
import type { Priority } from "../servable.js";

/** The header, of gRPC and of HTTP, by which a request says its priority. */
export const PRIORITY_HEADER = "salver-priority";

/** @throws INVALID_ARGUMENT */
export function readPriority(value: string): Priority {
  if (value === "normal" || value === "low") return value;
  throw invalidArgument(
    `the header ${PRIORITY_HEADER} is "normal" or "low", not ${JSON.stringify(value.slice(0, 64))}`,
  );
}
