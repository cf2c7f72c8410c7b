import { answerQuestions } from "../../../runtimes/threads/index.js";
import { indexLines } from "./index-lines.js";

answerQuestions(
  (text: Uint8Array) => ({ value: indexLines(text) }),
  "the vocabulary could not be read; the server's log has the details",
);
