import { parentPort, workerData } from "node:worker_threads";
import { isServingError, messageOf } from "../../../core/index.js";
import { type CompileRequest, compile } from "./compile.js";
import type { CompileReply } from "./compile-off-loop.js";

function reply(): { message: CompileReply; transfer: ArrayBuffer[] } {
  try {
    const compiled = compile(workerData as CompileRequest);
    return { message: { compiled }, transfer: compiled.models.map((model) => model.buffer) };
  } catch (error) {
    const code = isServingError(error) ? error.code : "INTERNAL";
    const detail = error instanceof Error ? (error.stack ?? "") : "";
    return { message: { code, message: messageOf(error), detail }, transfer: [] };
  }
}

const { message, transfer } = reply();
parentPort?.postMessage(message, transfer);
