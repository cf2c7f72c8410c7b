import type { DType } from "../../../../core/index.js";
import { type Builder, integers } from "./builder.js";

/*
 * An assertion in ONNX, which has none: an index that is out of range when the assertion does not hold. What it yields is
 * 0, and every answer waits for it.
 */

/** What stands before the words of a check, in the name of the node that fails. */
const MARK = "check: ";

/** The words of the check that failed, out of ONNX Runtime's error, which names the node; undefined for other errors. */
export const failedCheck = (message: string): string | undefined =>
  new RegExp(`Name:'${MARK}([^']*?)(~\\d+)?'`).exec(message)?.[1];

/** The name of a node whose failure means what the words say. */
export const nameSaying = (words: string): string => MARK + words;

/** Fails the run when `holds`, a boolean scalar, is false; `words` say what is wrong then. Gives a 0. */
export function emitCheck(builder: Builder, words: string, holds: string): string {
  const name = MARK + words;
  const zero = builder.initializer(integers(0));
  const index = builder.emit(`${name}/index`, "Where", [holds, zero, builder.initializer(integers(1))])[0]!;
  return builder.emit(name, "Gather", [builder.initializer(integers([0])), index])[0]!;
}

/** One 0 that waits for all guards of the graph; undefined where there are none. */
export function allGuards(builder: Builder, scope: string): string | undefined {
  const [first, ...more] = builder.guards();
  if (first === undefined || more.length === 0) return first;
  return more.reduce((sum, each) => builder.emit(`${scope}/checks`, "Add", [sum, each])[0]!, first);
}

/** The same tensor, once the guards of the graph hold. */
export function guarded(builder: Builder, scope: string, name: string, dtype: DType): string {
  const guard = allGuards(builder, scope);
  if (guard === undefined) return name;
  // ONNX Runtime gathers strings right only one by one; numbers are gathered fastest all together.
  const axis = dtype === "string" ? -1 : 0;
  const wrapped = builder.emit(`${scope}/checked`, "Unsqueeze", [name, builder.initializer(integers([axis]))])[0]!;
  return builder.emit(`${scope}/checked`, "Gather", [wrapped, guard], { axis })[0]!;
}
