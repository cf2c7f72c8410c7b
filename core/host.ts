import type { Clock } from "./clock.js";
import type { Token } from "./container.js";
import type { Logger } from "./logger.js";

/** What a component gets from the house it lives in. */
export interface Host {
  /** Whose component this is: the model's name for its source, servable, policy and batcher; the type for a transport. */
  readonly id: string;
  /** Relative paths in options are relative to this folder, the config file's. */
  readonly baseDir: string;
  readonly log: Logger;
  readonly clock: Clock;
  get<T>(token: Token<T>): T;
}
