import { setTimeout } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { recordingLogger } from "../../../../core/testing/index.js";
import {
  inThread,
  openPool,
  type Pool,
  packStrings,
  unpackStrings,
} from "../../../../plugins/runtimes/threads/index.js";
import type { Question } from "./echo.worker.js";

const module = new URL("./echo.worker.js", import.meta.url);
const { signal } = new AbortController();
const what = "the echo's thread";
const open: Pool<string>[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((pool) => pool[Symbol.asyncDispose]()));
});

async function pool(size: number, log = recordingLogger()): Promise<Pool<string>> {
  const opening: Question = { kind: "open" };
  const made = await openPool<string>({ module, what, size, opening, log }, signal);
  open.push(made);
  return made;
}

/** A question that its thread answers when it is let go. */
function waiting() {
  const gate = new Int32Array(new SharedArrayBuffer(8));
  return {
    question: { kind: "wait", gate: gate.buffer as SharedArrayBuffer } satisfies Question,
    begun: async () => {
      while (Atomics.load(gate, 1) === 0) await setTimeout(1);
    },
    letGo: () => {
      Atomics.store(gate, 0, 1);
      Atomics.notify(gate, 0);
    },
  };
}

describe("a pool", () => {
  test("answers, and says what the thread says", async () => {
    const { ask, opened } = await pool(1);
    expect(opened).toBe("ready");
    expect(await ask({ kind: "echo", value: [1, "two"] }, signal)).toEqual([1, "two"]);
    await expect(ask({ kind: "refuse" }, signal)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: "no such thing",
    });
  });

  test("what a thread did not mean to throw stays inside", async () => {
    const { ask } = await pool(1);
    const failure = await ask({ kind: "throw" }, signal).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "INTERNAL", message: "the echo failed" });
    expect((failure as Error).cause).toContain("a secret of the inside");
  });

  test("gives buffers away", async () => {
    const { ask } = await pool(1);
    const bytes = Uint8Array.of(1, 2, 3);
    expect(await ask({ kind: "echo", value: bytes }, signal, [bytes.buffer])).toEqual(Uint8Array.of(1, 2, 3));
    expect(bytes.length).toBe(0);
  });

  test("a thread that dies fails its question, and another one takes the next", async () => {
    const log = recordingLogger();
    const { ask } = await pool(1, log);
    const before = await ask({ kind: "who" }, signal);
    const [died, after] = await Promise.allSettled([ask({ kind: "die" }, signal), ask({ kind: "who" }, signal)]);
    expect(died).toMatchObject({ reason: { code: "UNAVAILABLE", message: "the echo's thread ended with code 3" } });
    expect(after.status).toBe("fulfilled");
    expect((after as PromiseFulfilledResult<number>).value).not.toBe(before);
    expect(log.lines.map(({ message }) => message)).toContain("the echo's thread has died; another one is started");
  });

  test("questions go to all threads", async () => {
    const { ask } = await pool(2);
    const [one, other] = [waiting(), waiting()];
    const answers = Promise.all([ask<number>(one.question, signal), ask<number>(other.question, signal)]);
    await Promise.all([one.begun(), other.begun()]);
    one.letGo();
    other.letGo();
    expect(new Set(await answers).size).toBe(2);
  });

  test("a caller that aborts is let go, whether its question waits or is under way", async () => {
    const { ask } = await pool(1);
    const thread = await ask({ kind: "who" }, signal);
    const { question, begun, letGo } = waiting();
    const [under, behind] = [new AbortController(), new AbortController()];
    const running = ask(question, under.signal);
    await begun();
    const queued = ask({ kind: "die" }, behind.signal);
    behind.abort();
    await expect(queued).rejects.toMatchObject({ code: "CANCELLED" });
    under.abort(new DOMException("late", "TimeoutError"));
    await expect(running).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    letGo();
    // What was dropped from the queue never reached the thread.
    expect(await ask({ kind: "who" }, signal)).toBe(thread);
    await expect(ask({ kind: "who" }, AbortSignal.abort())).rejects.toMatchObject({ code: "CANCELLED" });
  });

  test("what fails to open leaves nothing", async () => {
    const opening: Question = { kind: "open", fail: "not today" };
    await expect(openPool({ module, what, size: 2, opening, log: recordingLogger() }, signal)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: "not today",
    });
  });

  test("a closed one refuses", async () => {
    const { ask, ...rest } = await pool(1);
    const { question, begun } = waiting();
    const running = expect(ask(question, signal)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await begun();
    const queued = expect(ask({ kind: "who" }, signal)).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await rest[Symbol.asyncDispose]();
    await running;
    await queued;
    await expect(ask({ kind: "who" }, signal)).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
});

describe("inThread", () => {
  const ask = (question: Question, end = signal) => inThread<number>(module, what, question, end);

  test("questions one after the other share a thread, those at one time do not", async () => {
    const first = await ask({ kind: "who" });
    expect(await ask({ kind: "who" })).toBe(first);
    const { question, begun, letGo } = waiting();
    const busy = ask(question);
    await begun();
    expect(await ask({ kind: "who" })).not.toBe(first);
    letGo();
    expect(await busy).toBe(first);
  });

  test("an abort ends the thread", async () => {
    const end = new AbortController();
    const { question, begun } = waiting();
    const asked = ask(question, end.signal);
    await begun();
    end.abort();
    await expect(asked).rejects.toMatchObject({ code: "CANCELLED" });
    await expect(ask({ kind: "who" }, AbortSignal.abort())).rejects.toMatchObject({ code: "CANCELLED" });
  });

  test("a thread that dies is UNAVAILABLE", async () => {
    await expect(ask({ kind: "die" })).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(typeof (await ask({ kind: "who" }))).toBe("number");
  });
});

test("strings survive packing", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 20 })), (items) => {
      expect(unpackStrings(packStrings(items)).map((item) => [...item])).toEqual(items.map((item) => [...item]));
    }),
  );
});
