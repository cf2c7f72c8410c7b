import { answerQuestions } from "../../../runtimes/threads/index.js";
import { type MatrixParts, openMatrix } from "../table/matrix.js";
import type { Search } from "../table/scan.js";
import type { Ranked } from "../table/top-k.js";
import { type Graph, type GraphSetup, openGraph } from "./graph.js";

export type GraphQuestion =
  | { readonly task: "open"; readonly parts: MatrixParts; readonly setup: GraphSetup }
  | { readonly task: "search"; readonly search: Search };

export type OpenedGraph = Pick<Graph, "origin" | "recall">;

let graph: Graph | undefined;

function handle(question: GraphQuestion): { readonly value: OpenedGraph | readonly Ranked[] } {
  if (question.task === "open") {
    graph = openGraph(openMatrix(question.parts), question.setup);
    return { value: { origin: graph.origin, recall: graph.recall } };
  }
  if (!graph) throw new Error("asked before a graph was opened");
  return { value: graph.search(question.search) };
}

answerQuestions(handle, "the search in the graph failed; the server's log has the details");
