import type { LogFn, Logger } from "../logger.js";

export type LogLine = {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
};

export interface RecordingLogger extends Logger {
  /** All that was logged through it and its children, in order. */
  readonly lines: readonly LogLine[];
}

/** A logger that keeps what it is told, for tests that ask whether something was said, and how often. */
export function recordingLogger(): RecordingLogger {
  const lines: LogLine[] = [];
  const logger = (own: LogLine["fields"]): Logger => {
    const at =
      (level: LogLine["level"]): LogFn =>
      (fields, message) => {
        lines.push({ level, fields: { ...own, ...fields }, message });
      };
    return {
      debug: at("debug"),
      info: at("info"),
      warn: at("warn"),
      error: at("error"),
      child: (fields) => logger({ ...own, ...fields }),
    };
  };
  return { ...logger({}), lines };
}
