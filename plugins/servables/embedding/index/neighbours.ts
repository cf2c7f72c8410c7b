import { access } from "node:fs/promises";
import { join } from "node:path";
import { abortError, type Logger, messageOf, orAborted } from "../../../../core/index.js";
import { startThread, type Thread } from "../../../runtimes/threads/index.js";
import type { EmbeddingOptions } from "../options.js";
import type { Search } from "../table/scan.js";
import type { Table } from "../table/table.js";
import type { Ranked } from "../table/top-k.js";
import { exactSearch } from "./exact.js";
import type { GraphSetup } from "./graph.js";
import type { GraphQuestion, OpenedGraph } from "./graph.worker.js";
import { mayHaveGraph } from "./graph-bytes.js";

/** Finds the rows nearest to queries, exactly or by a graph. */
export interface Neighbours extends AsyncDisposable {
  /** What it goes by now, for people. */
  readonly how: string;
  find(search: Search, signal: AbortSignal): Promise<readonly Ranked[]>;
}

export type NeighboursSetup = {
  readonly table: Table;
  readonly options: EmbeddingOptions;
  readonly threads: number;
  readonly folder: string | undefined;
  readonly log: Logger;
};

const MODULE = new URL("./graph.worker.js", import.meta.url);

type Opening = { readonly thread: Thread; readonly opened: Promise<OpenedGraph> };

/**
 * `hnsw` opens the graph before it returns. `auto` takes a stored one likewise; above `MOST_EXACT` rows without one, the
 * first search begins to build it, and all compare every row until it is there.
 * @throws FAILED_PRECONDITION when `hnsw` is wanted and cannot be had; CANCELLED when `signal` aborts
 */
export async function openNeighbours(setup: NeighboursSetup, signal: AbortSignal): Promise<Neighbours> {
  const { table, options, threads, folder, log } = setup;
  const { metric, index, connectivity, expansion, keepIndex } = options;
  const file = folder === undefined ? undefined : join(folder, `index.${metric}.usearch`);
  const exact = exactSearch(table, metric, log);
  let opening: Opening | undefined;
  let graph: (OpenedGraph & { readonly thread: Thread }) | undefined;

  const open = async (): Promise<void> => {
    const thread = startThread(MODULE, "the thread of the nearest neighbours");
    const chosen: GraphSetup = { metric, connectivity, expansion, threads, file, keep: keepIndex };
    const { segments: _, shift: __, ...parts } = table.matrix;
    const opened = thread.ask<OpenedGraph>({ task: "open", parts, setup: chosen } satisfies GraphQuestion);
    opening = { thread, opened };
    graph = { ...(await opened), thread };
    log.info(
      { recall: graph.recall },
      `the graph of ${table.matrix.rows} rows was ${graph.origin}; it finds ${recallOf(graph)}`,
    );
  };
  const close = async () => {
    await opening?.thread.stop();
  };
  const openNow = async () => {
    const abort = () => void close();
    signal.addEventListener("abort", abort, { once: true });
    try {
      await open();
    } catch (error) {
      await close();
      throw signal.aborted ? abortError(signal) : error;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  };

  const mayBuild = mayHaveGraph(table.matrix.rows, options);
  if (mayBuild && (index === "hnsw" || (await isThere(file)))) await openNow();
  let wanted = mayBuild && !graph;
  const buildLater = () => {
    wanted = false;
    open().catch((error: unknown) =>
      log.warn({ error }, `no graph of the rows: ${messageOf(error)}; every row is compared`),
    );
  };
  return {
    get how() {
      return graph ? `hnsw, recall ${graph.recall.toFixed(3)}` : "exact";
    },
    find: async (search, wait) => {
      if (graph?.thread.alive) return askGraph(graph.thread, search, wait);
      if (wanted) buildLater();
      return exact.find(search, wait);
    },
    [Symbol.asyncDispose]: async () => {
      await close();
      await exact[Symbol.asyncDispose]();
    },
  };
}

const isThere = (file: string | undefined): Promise<boolean> =>
  file === undefined
    ? Promise.resolve(false)
    : access(file).then(
        () => true,
        () => false,
      );

const recallOf = ({ recall }: OpenedGraph) => `${(100 * recall).toFixed(1)} % of the ten nearest`;

/** The thread cannot be interrupted; a caller that goes is let go. */
function askGraph(thread: Thread, search: Search, signal: AbortSignal): Promise<readonly Ranked[]> {
  if (signal.aborted) return Promise.reject(abortError(signal));
  return orAborted(thread.ask<readonly Ranked[]>({ task: "search", search } satisfies GraphQuestion), { signal });
}
