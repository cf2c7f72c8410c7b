import { type LevelWithSilent, type Logger as PinoLogger, pino } from "pino";
import pretty from "pino-pretty";
import type { Logger } from "../core/index.js";

export type LogSettings = {
  readonly level: LevelWithSilent;
  /** text for people, json for machines; by default text on a terminal. */
  readonly format?: "text" | "json" | undefined;
};

/** A logger on standard error, so that standard output stays for what a command prints. */
export function createLogger({ level, format = process.stderr.isTTY ? "text" : "json" }: LogSettings): Logger {
  const options = {
    level,
    base: null,
    serializers: { error: pino.stdSerializers.err, cause: pino.stdSerializers.err },
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  const stream =
    format === "text"
      ? pretty({ destination: 2, ignore: "component", translateTime: "SYS:HH:MM:ss" })
      : pino.destination(2);
  return wrap(pino(options, stream));
}

function wrap(inner: PinoLogger): Logger {
  return {
    debug: (fields, message) => inner.debug(fields, message),
    info: (fields, message) => inner.info(fields, message),
    warn: (fields, message) => inner.warn(fields, message),
    error: (fields, message) => inner.error(fields, message),
    child: (fields) => wrap(inner.child(fields)),
  };
}
