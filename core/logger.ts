import { token } from "./container.js";

/** Structured fields first, then a sentence for a person. */
export type LogFn = (fields: Readonly<Record<string, unknown>>, message: string) => void;

export interface Logger {
  readonly debug: LogFn;
  readonly info: LogFn;
  readonly warn: LogFn;
  readonly error: LogFn;
  /** A logger that adds `fields` to every line. */
  child(fields: Readonly<Record<string, unknown>>): Logger;
}

const ignore: LogFn = () => {};

/** Says nothing; for tests and for embedding. */
export const silentLogger: Logger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  child: () => silentLogger,
};

export const LoggerToken = token<Logger>("Logger");
