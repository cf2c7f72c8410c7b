import { invalidArgument } from "../../../../core/index.js";
import { answerQuestions } from "../../../../plugins/runtimes/threads/index.js";

export type Question =
  | { readonly kind: "open"; readonly fail?: string }
  | { readonly kind: "echo"; readonly value: unknown }
  | { readonly kind: "who" | "die" | "throw" | "refuse" }
  | { readonly kind: "wait"; readonly gate: SharedArrayBuffer };

const name = Math.random();

answerQuestions((question: Question) => {
  if (question.kind === "open") {
    if (question.fail) throw invalidArgument(question.fail);
    return { value: "ready" };
  }
  if (question.kind === "die") process.exit(3);
  if (question.kind === "throw") throw new Error("a secret of the inside");
  if (question.kind === "refuse") throw invalidArgument("no such thing");
  if (question.kind === "wait") {
    const gate = new Int32Array(question.gate);
    Atomics.add(gate, 1, 1);
    Atomics.notify(gate, 1);
    Atomics.wait(gate, 0, 0);
    return { value: name };
  }
  return { value: question.kind === "echo" ? question.value : name };
}, "the echo failed");
