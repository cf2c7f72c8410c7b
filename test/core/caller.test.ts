import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { askingFor, type Caller, CallerOf, isGone, LazyCaller, offGone, onGone } from "../../core/index.js";

class Client extends LazyCaller {
  watched = 0;
  readonly reason = new Error("it went");

  go(): void {
    this.leave(() => this.reason);
  }

  protected override watch(): void {
    this.watched++;
  }
}

/** Who can be listened to, and what has it go. */
const callers: readonly [string, () => { readonly caller: Caller; readonly go: () => void }][] = [
  [
    "a signal",
    () => {
      const controller = new AbortController();
      return { caller: { signal: controller.signal }, go: () => controller.abort() };
    },
  ],
  [
    "one whose signal is made when it is asked for",
    () => {
      const caller = new Client();
      return { caller, go: () => caller.go() };
    },
  ],
  [
    "another one's",
    () => {
      const caller = new Client();
      return { caller: new CallerOf(new CallerOf(caller)), go: () => caller.go() };
    },
  ],
  [
    "one that asks for outputs",
    () => {
      const caller = new Client();
      return { caller: askingFor(["y"], caller), go: () => caller.go() };
    },
  ],
];

test.each(callers)("%s tells each of its listeners once, and those that were taken back never", (_, make) => {
  const { caller, go } = make();
  const heard: string[] = [];
  const [first, second, third] = ["first", "second", "third"].map((name) => () => void heard.push(name));
  for (const listener of [first!, second!, third!]) onGone(caller, listener);
  offGone(caller, second!);
  expect([isGone(caller), heard]).toEqual([false, []]);
  go();
  go();
  expect([isGone(caller), heard]).toEqual([true, ["first", "third"]]);
  expect(caller.signal.aborted).toBe(true);
});

test("a signal carries one listener, however many there are of it", () => {
  const { signal } = new AbortController();
  for (let i = 0; i < 20; i++) onGone({ signal }, () => {});
  expect(getEventListeners(signal, "abort")).toHaveLength(1);
});

test("a listener may take itself and others back while they are told", () => {
  const caller = new Client();
  const heard: string[] = [];
  const leave = () => {
    heard.push("leave");
    offGone(caller, leave);
  };
  onGone(caller, leave);
  onGone(caller, () => void heard.push("other"));
  caller.go();
  expect(heard).toEqual(["leave", "other"]);
});

test("a signal that is asked for late has the first reason, and is one", () => {
  const caller = new Client();
  caller.go();
  expect(caller.signal.reason).toBe(caller.reason);
  expect(caller.signal).toBe(caller.signal);
});

test("nothing is watched before somebody wants to know, and then once", () => {
  const caller = new Client();
  expect([isGone(caller), caller.watched]).toEqual([false, 0]);
  onGone(caller, () => {});
  expect([caller.signal.aborted, caller.watched]).toEqual([false, 1]);
});
