import { answerQuestions } from "../../../runtimes/threads/index.js";
import { type Bags, combine } from "./bags.js";
import { gather } from "./gather.js";
import { type Matrix, type MatrixParts, openMatrix } from "./matrix.js";
import { type Search, scan } from "./scan.js";
import type { Ranked } from "./top-k.js";

export type TableQuestion =
  | { readonly task: "open"; readonly parts: MatrixParts }
  | { readonly task: "gather"; readonly rows: Int32Array }
  | { readonly task: "combine"; readonly bags: Bags }
  | { readonly task: "scan"; readonly search: Search; readonly from: number; readonly to: number };

let matrix: Matrix | undefined;

type Answers = undefined | Float32Array<ArrayBuffer> | readonly Ranked[];

function handle(question: TableQuestion): { readonly value: Answers; readonly transfer?: readonly ArrayBuffer[] } {
  if (question.task === "open") {
    matrix = openMatrix(question.parts);
    return { value: undefined };
  }
  if (!matrix) throw new Error("asked before a table was opened");
  if (question.task === "scan") return { value: scan(matrix, question.search, question.from, question.to) };
  const value = question.task === "gather" ? gather(matrix, question.rows) : combine(matrix, question.bags);
  return { value, transfer: [value.buffer] };
}

answerQuestions(handle, "a request to the table failed; the server's log has the details");
