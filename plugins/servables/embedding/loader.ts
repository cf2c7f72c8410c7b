import { availableParallelism } from "node:os";
import type { Host, Loader, LocalVersion, Servable } from "../../../core/index.js";
import { openTokenTable } from "../../../formats/token-table/token-table.js";
import { canMapFiles } from "../../runtimes/native/index.js";
import { inThread } from "../../runtimes/threads/index.js";
import { defaultVector } from "./default-vector.js";
import { findTable, type TableFiles } from "./files.js";
import { graphBytes } from "./index/graph-bytes.js";
import { openNeighbours } from "./index/neighbours.js";
import type { EmbeddingOptions } from "./options.js";
import { checkTable, type Placed, placeTable } from "./placement.js";
import { READER, READER_MODULE, type ReadQuestion } from "./read/questions.js";
import type { Measured, ReadTable } from "./read/read-table.js";
import { embeddingServable } from "./servable.js";
import { openTable } from "./table/table.js";

const MiB = 2 ** 20;

/** Loads one version of a table. */
export function embeddingLoader(host: Host, version: LocalVersion, options: EmbeddingOptions): Loader {
  const log = host.log.child({ version: version.version });
  const threads = options.threads ?? Math.min(4, availableParallelism());
  const mayMap = options.memory === "map" && canMapFiles();

  const ask = <Value>(task: "measure" | "read", files: TableFiles, map: boolean, signal: AbortSignal) => {
    const { variable, scale } = options;
    const question: ReadQuestion = { task, request: { files, variable, scale, map } };
    return inThread<Value>(READER_MODULE, READER, question, signal);
  };

  async function open(placed: Placed, files: TableFiles, signal: AbortSignal): Promise<Servable> {
    const { read, warmth, mapped, release } = placed;
    await checkTable(placed, options.check, signal);
    const fallback = await defaultVector(options, placed.parts, files, signal);
    const parts = fallback ? { ...placed.parts, fallback } : placed.parts;
    const table = openTable({ parts, warmth, threads, log });
    try {
      const neighbours = await openNeighbours({ table, options, threads, folder: files.folder, log }, signal);
      const keys = read.keys && openTokenTable(read.keys);
      const { rows, width, dtype } = parts;
      const engine = `${rows} x ${width} ${dtype}, ${mapped ? "mapped" : "in memory"}; nearest: ${neighbours.how}`;
      return embeddingServable({ table, neighbours, keys, options, engine, release });
    } catch (error) {
      await table[Symbol.asyncDispose]();
      throw error;
    }
  }

  return {
    estimate: async () => {
      const files = await findTable(version.path, options.file);
      const measured = await ask<Measured>("measure", files, mayMap, new AbortController().signal);
      return { memory: measured.memory + graphBytes(measured, options) + 64 * MiB };
    },
    load: async (signal) => {
      const files = await findTable(version.path, options.file);
      const read = (map: boolean) => ask<ReadTable>("read", files, map, signal);
      const placed = await placeTable(await read(mayMap), () => read(false), log);
      try {
        return await open(placed, files, signal);
      } catch (error) {
        await placed.release();
        throw error;
      }
    },
  };
}
