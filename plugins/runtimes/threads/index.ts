export { answerQuestions } from "./answer.js";
export { inThread } from "./in-thread.js";
export type { Answer } from "./messages.js";
export { openPool, type Pool, type PoolSetup } from "./pool.js";
export { buffersOf, type PackedStrings, packStrings, unpackStrings } from "./strings.js";
export { startThread, type Thread } from "./thread.js";
