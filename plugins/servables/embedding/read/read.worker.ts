import { answerQuestions } from "../../../runtimes/threads/index.js";
import { firstNotFinite, type Place } from "../table/finite.js";
import { openMatrix } from "../table/matrix.js";
import { readNumbers } from "./fill.js";
import { npyElements } from "./numpy.js";
import type { ReadQuestion } from "./questions.js";
import { type Measured, measureTable, type ReadTable, readTable } from "./read-table.js";

async function answer(question: ReadQuestion): Promise<Measured | ReadTable | Place | Float32Array | undefined> {
  switch (question.task) {
    case "measure":
      return measureTable(question.request);
    case "read":
      return readTable(question.request);
    case "check":
      return firstNotFinite(openMatrix(question.parts));
    case "vector":
      return readNumbers(npyElements(question.path, question.name));
  }
}

answerQuestions(
  async (question: ReadQuestion) => ({ value: await answer(question) }),
  "the table could not be read; the server's log has the details",
);
