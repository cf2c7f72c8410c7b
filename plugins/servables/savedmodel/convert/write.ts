import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { basename } from "node:path";
import { type Constant, constantBytes } from "../lowering/constant.js";
import { type ExternalData, encodeModel } from "../onnx/encode.js";
import type { OnnxGraph } from "../onnx/graph.js";
import { LEAST_BYTES, MOST_INSIDE } from "../program/weights.js";

// Readers map the data file into memory, which goes by pages.
const PAGE = 4096;
// One write call of Node takes at most 2^31-1 bytes.
const CHUNK = 2 ** 30;

/** The file that a model's weights lie in, beside the model's own. */
export const dataFileOf = (file: string): string => `${file}.data`;

function writeAll(fd: number, bytes: Uint8Array, start: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(fd, bytes, done, Math.min(CHUNK, bytes.length - done), start + done);
  }
}

function writeData(file: string, constants: readonly Constant[]): ExternalData {
  const fd = openSync(file, "wx");
  const offsets = new Map<string, number>();
  try {
    let end = 0;
    for (const constant of constants) {
      if (offsets.has(constant.id)) continue;
      const start = Math.ceil(end / PAGE) * PAGE;
      // One at a time: a model may be larger than memory.
      const bytes = new Uint8Array(constantBytes(constant));
      constant.fill(bytes);
      writeAll(fd, bytes, start);
      offsets.set(constant.id, start);
      end = start + bytes.length;
    }
  } finally {
    closeSync(fd);
  }
  return { file: basename(file), offsets };
}

/**
 * Writes an ONNX model into `file`, which must not exist; its weights lie in a data file beside it where `external` asks
 * for that or they are more than one protocol buffer can hold.
 * @returns the files written
 */
export function writeModel(graph: OnnxGraph, file: string, producerVersion: string, external: boolean): string[] {
  const large = graph.initializers
    .map(({ constant }) => constant)
    .filter((constant) => constantBytes(constant) >= LEAST_BYTES);
  const total = large.reduce((sum, constant) => sum + constantBytes(constant), 0);
  const outside = large.length > 0 && (external || total > MOST_INSIDE);
  const info = outside ? { producerVersion, external: writeData(dataFileOf(file), large) } : { producerVersion };
  writeFileSync(file, encodeModel(graph, info), { flag: "wx" });
  return outside ? [file, dataFileOf(file)] : [file];
}
