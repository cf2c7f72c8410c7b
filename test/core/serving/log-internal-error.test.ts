import { fakeClock, recordingLogger } from "salver/testing";
import { expect, test } from "vitest";
import { logInternalErrors } from "../../../core/serving/log-internal-error.js";

test("an error that many callers have in common is logged once, and again when it comes again later", () => {
  const log = recordingLogger();
  const clock = fakeClock();
  const report = logInternalErrors(log, clock);
  const error = new Error("the engine is gone");
  for (let caller = 0; caller < 40; caller++) report("m", 1n, error);
  report("m", 1n, new Error("the engine is gone"));
  expect(log.lines.map(({ message }) => message)).toEqual(
    Array(2).fill("a request to m failed inside: the engine is gone"),
  );
  clock.advance(1000);
  report("m", 1n, error);
  for (const text of ["a text", "a text"]) report("m", 1n, text);
  expect(log.lines).toHaveLength(5);
});
