import { parentPort } from "node:worker_threads";
import { isServingError, messageOf } from "../../../core/index.js";
import { compile } from "./compile.js";
import type { CompileJob, CompileReply } from "./compile-off-loop.js";

function reply({ id, request }: CompileJob): { message: CompileReply; transfer: ArrayBuffer[] } {
  try {
    const compiled = compile(request);
    const { models, weights } = compiled;
    const transfer = [...models.map(({ bytes }) => bytes.buffer), ...weights.map(({ data }) => data.buffer)];
    return { message: { id, compiled }, transfer: transfer as ArrayBuffer[] };
  } catch (error) {
    const known = isServingError(error);
    const detail = error instanceof Error ? (error.stack ?? "") : "";
    const message = known ? messageOf(error) : "the SavedModel could not be read; the server's log has the details";
    return { message: { id, code: known ? error.code : "INTERNAL", message, detail }, transfer: [] };
  }
}

parentPort?.on("message", (job: CompileJob) => {
  const { message, transfer } = reply(job);
  parentPort?.postMessage(message, transfer);
});
