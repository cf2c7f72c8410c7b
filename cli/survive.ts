import { type Logger, messageOf, type Server } from "../core/index.js";

/**
 * What a plugin's code throws where nobody can catch it, a timer or a forgotten promise, must not end the server without
 * a word. A rejection is logged and the server goes on; after an exception nothing is certain any more, so it is logged,
 * what is under way is finished, and the process leaves with 1.
 */
export function surviveStrayFailures(server: Server, log: Logger): void {
  process.on("unhandledRejection", (error) => {
    log.error({ error }, `a promise was rejected and nobody handled it; the server goes on: ${messageOf(error)}`);
  });
  process.once("uncaughtException", (error) => {
    log.error({ error }, `an exception was thrown where nothing could catch it; stopping: ${messageOf(error)}`);
    process.exitCode = 1;
    server.stop().finally(() => process.exit(1));
  });
}
