import { describeBatcher } from "salver/testing";
import { describe, expect, test } from "vitest";
import { broken, runKit } from "./collect.js";
import { type Flaw, tinyBatcher } from "./tiny-batcher.js";

describeBatcher({ describe, test }, "tiny", { open: (clock) => tinyBatcher(clock) });
describeBatcher({ describe, test }, "that does nothing", { open: () => ({ wrap: (inner) => inner }) });

test.each<[Flaw, RegExp]>([
  ["hides the graph", /servable that it was given/],
  ["waits for a full batch", /one run at a time/],
  ["swaps rows", /its own rows/],
  ["runs all twice", /run once/],
  ["reuses its memory", /answers stay/],
  ["changes inputs", /inputs too/],
  ["forgets who wants which outputs", /outputs it asked for/],
  ["stacks any shapes", /unequal shapes/],
  ["checks nothing", /fail alone/],
  ["fails all for one's deadline", /nobody's but its own/],
  ["fails all that wait", /nobody else/],
  ["dies of a throw", /whatever the inner servable throws/],
  ["takes who is gone", /gone before it came/],
  ["runs who has left", /some go while they wait/],
  ["keeps who has left", /some go while they wait/],
  ["wedges when its queue empties", /all go while they wait/],
  ["frees nobody mid-run", /freed at once/],
  ["runs for its first caller", /companions are answered/],
  ["never gives up", /all callers have left/],
  ["takes its time", /told to hurry/],
  ["keeps to itself that it hurries", /told to hurry/],
  ["drops its queue", /disposal finishes/],
  ["disposes at once", /disposal finishes/],
  ["disposes twice", /disposal finishes/],
  ["shares a queue", /versions are apart/],
])("a batcher that %s is found out", async (flaw, law) => {
  const outcomes = await runKit((runner) =>
    describeBatcher(runner, "broken", { open: (clock) => tinyBatcher(clock, flaw) }),
  );
  expect(broken(outcomes).join("\n")).toMatch(law);
});
