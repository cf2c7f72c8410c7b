import { describe } from "vitest";
import { conformance } from "./conformance.js";

for (const dispatch of ["async", "inline"] as const) {
  const blocking = "an inline run holds the event loop, and with it the signal";
  const skips: Readonly<Record<string, string>> =
    dispatch === "async"
      ? {}
      : {
          "stops a run under way with the signal's own error": blocking,
          "ends the wait of runs that have not begun": blocking,
          "waits for the runs in flight, then refuses new ones; twice is harmless": blocking,
        };
  describe(`engine ffi, ${dispatch}`, () => conformance("ffi", { dispatch }, skips));
}
