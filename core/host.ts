import type { Clock } from "./clock.js";
import type { ConfigPath } from "./config/config-error.js";
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
  /** Where an option of this component stands in the config, for people: `salver.config.yaml:3:5 models.a.servable.x`. */
  place(option: ConfigPath): string;
  get<T>(token: Token<T>): T;
}
