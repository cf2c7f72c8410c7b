import { answerQuestions } from "../../../runtimes/threads/index.js";
import { buffersOf, readTable, type TableRequest } from "./read-table.js";

answerQuestions((request: TableRequest) => {
  const table = readTable(request);
  return { value: table, transfer: buffersOf(table) };
}, "the vocabulary could not be read; the server's log has the details");
