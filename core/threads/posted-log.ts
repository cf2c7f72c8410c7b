import { inspect } from "node:util";
import type { Logger } from "../logger.js";
import type { LogLine } from "./calls.js";

/** A logger whose lines are written by another thread; errors keep their text and stack. */
export function postedLog(post: (line: LogLine) => void, bound: Readonly<Record<string, unknown>>): Logger {
  const write = (level: LogLine["level"]) => (given: Readonly<Record<string, unknown>>, message: string) => {
    const fields = { ...bound, ...given };
    try {
      post({ level, fields, message });
    } catch {
      // Something in it cannot be posted: it is shown as a person would see it.
      const shown = Object.entries(fields).map(([key, value]) => [key, inspect(value)] as const);
      post({ level, fields: Object.fromEntries(shown), message });
    }
  };
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    child: (fields) => postedLog(post, { ...bound, ...fields }),
  };
}
