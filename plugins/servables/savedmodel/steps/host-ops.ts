import { internal } from "../../../../core/index.js";
import { evaluateOp } from "./evaluate/evaluate.js";
import { lookupOp } from "./families/lookup.js";
import { parseExamplesOp } from "./families/parsing.js";
import type { AnyHostOp, Kernel } from "./host-op.js";

/** Every operator that runs on the host, by its name. */
const hostOps: ReadonlyMap<string, AnyHostOp> = new Map(
  [evaluateOp, parseExamplesOp, lookupOp].map((op) => [op.name, op as AnyHostOp]),
);

export function openHostOp(name: string, attributes: unknown): Kernel {
  const op = hostOps.get(name);
  if (!op) throw internal(`there is no host operator "${name}"`);
  return op.open(attributes as never);
}
