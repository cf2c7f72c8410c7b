import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { dataLoss } from "../../../core/index.js";
import { type OnnxHead, readOnnxModel } from "../../../formats/onnx/read-model.js";

/** What an ONNX file says of itself. */
export type ModelFile = OnnxHead & {
  /** How often each operator occurs, also in the graphs inside loops and branches. */
  readonly ops: ReadonlyMap<string, number>;
};

function readModel(bytes: Uint8Array): ModelFile {
  const ops = new Map<string, number>();
  const head = readOnnxModel(bytes, {
    node: (op, domain, { inFunction }) => {
      if (inFunction) return;
      const name = domain === "" || domain === "ai.onnx" ? op : `${domain}.${op}`;
      ops.set(name, (ops.get(name) ?? 0) + 1);
    },
  });
  return { ...head, ops };
}

/** @throws DATA_LOSS that names the file when it is no ONNX model or was cut short */
export async function readModelFile(path: string): Promise<ModelFile> {
  try {
    return readModel(await readFile(path));
  } catch (error) {
    throw dataLoss(`${basename(path)} is no ONNX model, or was cut short`, error);
  }
}
