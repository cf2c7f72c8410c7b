import type { CodeName } from "salver";
import { expect, test } from "vitest";
import { createEventBus } from "../../../core/lifecycle/events.js";
import { countRefusals } from "../../../core/serving/refusals.js";

test("runs that end for want of room or time are counted until their version ends", () => {
  const events = createEventBus((error) => {
    throw error;
  });
  const refusals = countRefusals(events);
  const ended = (version: bigint, code: CodeName) =>
    refusals.runEnded({ model: "m", version, signature: "s", code, milliseconds: 1 });
  for (const code of ["UNAVAILABLE", "OK", "UNAVAILABLE", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED"] as const) {
    ended(1n, code);
  }
  ended(2n, "UNAVAILABLE");
  expect(refusals.of("m")).toEqual({ UNAVAILABLE: 3, DEADLINE_EXCEEDED: 1 });
  expect(refusals.of("m", 2n)).toEqual({ UNAVAILABLE: 1 });
  expect(refusals.of("other")).toEqual({});
  events.publish({ model: "m", version: 1n, state: "END", code: "OK", message: "" });
  expect(refusals.of("m")).toEqual({ UNAVAILABLE: 1 });
});
