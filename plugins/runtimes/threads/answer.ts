import { parentPort } from "node:worker_threads";
import { isServingError, messageOf } from "../../../core/index.js";
import type { Answer, Question, Reply } from "./messages.js";

/**
 * The other end of `startThread`: called once by the module that the thread runs. What `handle` throws reaches the one who
 * asked, with its code where it is a ServingError; `failure` is what is said of anything else.
 */
export function answerQuestions<Request, Value>(
  handle: (request: Request) => Answer<Value> | Promise<Answer<Value>>,
  failure: string,
): void {
  const reply = async ({ id, request }: Question): Promise<readonly [Reply, readonly ArrayBuffer[]]> => {
    try {
      const { value, transfer = [] } = await handle(request as Request);
      return [{ id, value }, transfer];
    } catch (error) {
      const detail = error instanceof Error ? (error.stack ?? "") : "";
      if (isServingError(error)) return [{ id, code: error.code, message: error.message, detail }, []];
      return [{ id, code: "INTERNAL", message: failure, detail: detail || messageOf(error) }, []];
    }
  };
  parentPort?.on("message", async (question: Question) => {
    const [message, transfer] = await reply(question);
    parentPort?.postMessage(message, [...new Set(transfer)]);
  });
}
