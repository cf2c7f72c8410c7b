import { answerQuestions } from "../../../runtimes/threads/index.js";
import { type RowTerms, rowTerms } from "../native/row-terms.js";
import { type Bags, combine } from "./bags.js";
import { gather } from "./gather.js";
import { type Matrix, type MatrixParts, openMatrix } from "./matrix.js";
import { type Metric, rescore, type Search, scan } from "./scan.js";
import type { Ranked } from "./top-k.js";

export type TableQuestion =
  | { readonly task: "open"; readonly parts: MatrixParts }
  | { readonly task: "gather"; readonly rows: Int32Array }
  | { readonly task: "combine"; readonly bags: Bags }
  | { readonly task: "scan"; readonly search: Search; readonly from: number; readonly to: number }
  | { readonly task: "rescore"; readonly search: Search; readonly candidates: readonly Int32Array[] }
  | { readonly task: "terms"; readonly metric: Metric; readonly from: number; readonly to: number };

let matrix: Matrix | undefined;

type Answers = undefined | Float32Array<ArrayBuffer> | readonly Ranked[] | RowTerms;

function handle(question: TableQuestion): { readonly value: Answers; readonly transfer?: readonly ArrayBuffer[] } {
  if (question.task === "open") {
    matrix = openMatrix(question.parts);
    return { value: undefined };
  }
  if (!matrix) throw new Error("asked before a table was opened");
  if (question.task === "scan") return { value: scan(matrix, question.search, question.from, question.to) };
  if (question.task === "rescore") return { value: rescore(matrix, question.search, question.candidates) };
  if (question.task === "terms") return { value: rowTerms(matrix, question.metric, question.from, question.to) };
  const value = question.task === "gather" ? gather(matrix, question.rows) : combine(matrix, question.bags);
  return { value, transfer: [value.buffer] };
}

answerQuestions(handle, "a request to the table failed; the server's log has the details");
