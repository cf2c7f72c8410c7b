import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** A file of so many equal bytes; between two pieces of it so many milliseconds pass. */
export type Asked = { readonly letter: string; readonly length: number; readonly pause: number };
export type Order = readonly Asked[] | "release";
export type Said =
  | "ready"
  | "released"
  | { readonly asked: number }
  | { readonly sent: number }
  | { readonly path: string }
  | { readonly failed: string };

const program = fileURLToPath(new URL("other-process.ts", import.meta.url));

/** Another process with a cache in the folder. */
export async function otherProcess(folder: string) {
  const child = fork(program, [folder], { execArgv: ["--import", "tsx"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const said: Said[] = [];
  let heard = () => {};
  child.on("message", (message: Said) => {
    said.push(message);
    heard();
  });

  /** The first thing said from now on, or before and not yet asked for, that is so. */
  async function hears<T extends Said>(wanted: (message: Said) => message is T): Promise<T> {
    for (;;) {
      const found = said.findIndex(wanted);
      if (found >= 0) return said.splice(found, 1)[0] as T;
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
  }
  const has =
    <K extends string>(key: K) =>
    (message: Said): message is Extract<Said, Record<K, unknown>> =>
      typeof message === "object" && key in message;

  await hears((message) => message === "ready");
  return {
    bring: (...files: readonly Asked[]) => void child.send(files),
    brought: async () => {
      const message = await hears(
        (each): each is { path: string } | { failed: string } => has("path")(each) || has("failed")(each),
      );
      if ("failed" in message) throw new Error(message.failed);
      return message.path;
    },
    /** Until so many bytes have been sent. */
    sent: (bytes: number) => hears((each): each is { sent: number } => has("sent")(each) && each.sent >= bytes),
    /** Offsets that its files were fetched from. */
    asked: () => said.filter(has("asked")).map((message) => message.asked),
    release: async () => {
      child.send("release");
      await hears((message) => message === "released");
    },
    /** As a power cut would: nothing of it runs any more. */
    kill: async () => {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}
