import type { Graph } from "./graph.js";
import { behindIdentities } from "./identities.js";
import type { Node, Output } from "./node.js";
import { reach } from "./reach.js";
import { assignmentsIn, resourceId } from "./variables.js";

const TABLES = new Set(["HashTableV2", "HashTable", "MutableHashTableV2", "MutableHashTable"]);

/** What fills a table: keys and values as tensors, or a file whose name is a tensor. */
export type TableFill = {
  /** The operator that fills it. */
  readonly node: Node;
  readonly graph: Graph;
  /** Its inputs behind the table's handle. */
  readonly inputs: readonly Output[];
  /** What variables are set to at the same time, by their ids: names of files are handed on in them. */
  readonly assigned: ReadonlyMap<string, Output>;
};

export const isTable = (node: Node): boolean => TABLES.has(node.op);
/** Mutable tables take the last of several values of a key; others refuse a second one. */
export const isMutable = (node: Node): boolean => node.op.startsWith("Mutable");

export const IMPORTS: ReadonlySet<string> = new Set([
  "LookupTableImportV2",
  "LookupTableImport",
  "InitializeTableV2",
  "InitializeTable",
]);
export const FILES: ReadonlySet<string> = new Set(["InitializeTableFromTextFileV2", "InitializeTableFromTextFile"]);

/**
 * What fills each table when the model is restored and started; the last one counts. Each operator that TensorFlow runs for
 * it is read from a graph of its own.
 */
export function tableFills(open: () => Graph, targets: readonly string[]): Map<string, TableFill> {
  const fills = new Map<string, TableFill>();
  for (const target of targets) {
    const graph = open();
    const { computed, forced } = reach(graph, [], graph.target(target), []);
    const nodes = [...computed, ...forced];
    const assigned = new Map(assignmentsIn(graph, nodes).map(([variable, value]) => [resourceId(variable), value]));
    for (const node of nodes) {
      if (!IMPORTS.has(node.op) && !FILES.has(node.op)) continue;
      const [handle, ...inputs] = graph.inputs(node);
      const table = handle && behindIdentities(graph, handle).node;
      if (table && isTable(table)) fills.set(resourceId(table), { node, graph, inputs, assigned });
    }
  }
  return fills;
}
