import type { Host, Loader, LocalVersion, Servable } from "../../../core/index.js";
import { inThread } from "../../runtimes/threads/index.js";
import { estimateMemory } from "./estimate.js";
import { findSource } from "./files.js";
import { numberingOf } from "./numbering.js";
import type { VocabularyOptions } from "./options.js";
import type { TableFormat, TableRequest } from "./table/read-table.js";
import type { Table } from "./table/table.js";
import { tableServable } from "./table-servable.js";

async function openTable(
  path: string,
  format: TableFormat,
  options: VocabularyOptions,
  signal: AbortSignal,
): Promise<Servable> {
  const { delimiter, header, key, value } = options;
  const request = { path, format, delimiter, header, key, value } satisfies TableRequest;
  const module = new URL("./table/read-table.worker.js", import.meta.url);
  const table = await inThread<Table>(module, "the thread that reads the vocabulary", request, signal);
  return tableServable(numberingOf(table, options));
}

/** Loads one version of a vocabulary: a table of tokens, or a tokenizer. */
export function vocabularyLoader(host: Host, version: LocalVersion, options: VocabularyOptions): Loader {
  const source = () => findSource(version.path, options);
  return {
    estimate: async () => ({ memory: await estimateMemory(await source(), options.threads) }),
    load: async (signal) => {
      const { path, format } = await source();
      if (format !== "tokenizer") return openTable(path, format, options, signal);
      const { openTokenizer } = await import("./tokenizer/open.js");
      return openTokenizer(path, options, host.log.child({ version: version.version }), signal);
    },
  };
}
