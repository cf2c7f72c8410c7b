import { parentPort } from "node:worker_threads";
import { isServingError, messageOf } from "../../../core/index.js";
import { largeBuffers } from "./buffers.js";
import { type Compiled, compile } from "./compile.js";
import { convert } from "./convert/convert.js";
import { survey } from "./inspect/survey.js";
import type { Job, Reply, Tasks } from "./off-loop.js";

const tasks: Tasks = { compile, survey, convert };

/** What is given away instead of copied: models and weights, and the tables that host steps look into. */
const buffersOf = ({ models, weights, lowered }: Compiled): ArrayBuffer[] => {
  const whole = [...models.map(({ bytes }) => bytes.buffer), ...weights.map(({ data }) => data.buffer as ArrayBuffer)];
  return [...new Set([...whole, ...largeBuffers(lowered)])];
};

function reply({ id, task, request }: Job): { message: Reply; transfer: ArrayBuffer[] } {
  try {
    const result = tasks[task](request as never);
    return { message: { id, result }, transfer: "models" in result ? buffersOf(result) : [] };
  } catch (error) {
    const known = isServingError(error);
    const detail = error instanceof Error ? (error.stack ?? "") : "";
    const message = known ? messageOf(error) : "the SavedModel could not be read; the server's log has the details";
    return { message: { id, code: known ? error.code : "INTERNAL", message, detail }, transfer: [] };
  }
}

parentPort?.on("message", (job: Job) => {
  const { message, transfer } = reply(job);
  parentPort?.postMessage(message, transfer);
});
