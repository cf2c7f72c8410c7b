import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createTurns } from "../../../../../plugins/servables/transform/run/turns.js";

/** Does `count` pieces of work of `milliseconds` each, and notes each. */
async function work(
  turns: ReturnType<typeof createTurns>,
  name: string,
  count: number,
  milliseconds: number,
  done: string[],
) {
  for (let i = 0; i < count; i++) {
    await turns.ready();
    done.push(name);
    turns.spend(milliseconds);
  }
}

/** What was done in each turn of the event loop until all was done. */
async function turnsOf(all: Promise<unknown>, done: string[]): Promise<readonly string[]> {
  const seen: string[] = [];
  let over = false;
  void all.then(() => {
    over = true;
  });
  while (!over) {
    await turn();
    seen.push(done.splice(0).join(""));
  }
  return seen.filter((each) => each !== "");
}

describe("turns", () => {
  it("lets work go on until a turn's budget is spent, then others have theirs", async () => {
    const done: string[] = [];
    const seen = await turnsOf(work(createTurns(4), "a", 9, 2, done), done);
    expect(seen.join("")).toBe("a".repeat(9));
    expect(Math.max(...seen.map((each) => each.length))).toBeLessThanOrEqual(2);
  });

  it("is one budget for all: requests side by side hold a turn no longer than one", async () => {
    const done: string[] = [];
    const turns = createTurns(4);
    const all = Promise.all(["a", "b", "c", "d", "e"].map((name) => work(turns, name, 4, 4, done)));
    const seen = await turnsOf(all, done);
    expect(seen.join("").length).toBe(20);
    // The first turn begins with all of them; each has looked before any has spent.
    expect(Math.max(...seen.slice(1).map((each) => each.length))).toBe(1);
    expect(seen.join("").slice(5, 10).split("").sort().join("")).toBe("abcde");
  });

  it("does not make short work wait", () => {
    const turns = createTurns(4);
    expect(turns.ready()).toBeUndefined();
    turns.spend(3.9);
    expect(turns.ready()).toBeUndefined();
    turns.spend(0.2);
    expect(turns.ready()).toBeInstanceOf(Promise);
  });
});
