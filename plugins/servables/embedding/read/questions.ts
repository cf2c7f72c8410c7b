import type { MatrixParts } from "../table/matrix.js";
import type { ReadRequest } from "./read-table.js";

/** What the thread that reads tables is asked. */
export type ReadQuestion =
  | { readonly task: "measure"; readonly request: ReadRequest }
  | { readonly task: "read"; readonly request: ReadRequest }
  | { readonly task: "check"; readonly parts: MatrixParts }
  | { readonly task: "vector"; readonly path: string; readonly name: string };

export const READER_MODULE = new URL("./read.worker.js", import.meta.url);
export const READER = "the thread that reads tables";
