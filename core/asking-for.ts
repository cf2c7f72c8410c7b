import { type Caller, CallerOf } from "./caller.js";
import type { RequestOptions, RunOptions } from "./frontend.js";
import type { Priority } from "./servable.js";

/** What a caller asks for. */
export class AskedBy extends CallerOf implements RunOptions {
  constructor(
    caller: Caller,
    readonly deadline: number | undefined,
    readonly priority: Priority | undefined,
    readonly outputs: readonly string[] = [],
  ) {
    super(caller);
  }
}

/** The options of a request for some outputs. They are not to be spread: callers have getters. */
export function askingFor(outputs: readonly string[], options: RequestOptions): RunOptions {
  if (outputs.length === 0) return options;
  return new AskedBy(options, options.deadline, options.priority, outputs);
}
