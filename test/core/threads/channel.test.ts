import { MessageChannel } from "node:worker_threads";
import { ConfigError, invalidArgument, isConfigError, isPlatformChange, unavailable } from "salver";
import { afterEach, expect, test } from "vitest";
import { platformChange } from "../../../core/serving/change-rules.js";
import { type Calls, Moved, openChannel } from "../../../core/threads/channel.js";

const ends: { close(): void }[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end.close();
});

/** This end asks; the other has `local`. */
function asking<T extends Calls>(local: T) {
  const { port1, port2 } = new MessageChannel();
  ends.push(port1, port2);
  const failures: unknown[] = [];
  openChannel(port2, local, (name, error) => failures.push([name, String(error)]));
  return { channel: openChannel<T>(port1, {}, () => {}), failures };
}

test("what is asked is answered, at once or later, in the order of the answers", async () => {
  const order: string[] = [];
  const { channel } = asking({
    now: (n: number) => n + 1,
    later: async (n: number) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return n + 2;
    },
  });
  const note = (name: string) => (value: number) => order.push(`${name} ${value}`);
  await Promise.all([channel.call("later", 1).then(note("later")), channel.call("now", 1).then(note("now"))]);
  expect(order).toEqual(["now 2", "later 3"]);
});

test("errors keep what others ask of them", async () => {
  const problems = [{ path: ["models", "m"], message: "wrong" }];
  const { channel } = asking({
    serving: () => {
      throw invalidArgument("no", new ConfigError(problems, "file"));
    },
    platform: async () => {
      throw invalidArgument("no", platformChange({ model: "m", was: "a", requested: "b" }));
    },
    system: () => {
      throw Object.assign(new Error("taken"), { code: "EADDRINUSE" });
    },
    lost: () => () => 1,
  });
  const failure = (name: "serving" | "platform" | "system" | "lost") =>
    channel.call(name, undefined).catch((error: Error & { code?: string }) => error) as Promise<
      Error & { code?: string }
    >;
  const serving = await failure("serving");
  expect([serving.code, serving.message, isConfigError(serving.cause)]).toEqual(["INVALID_ARGUMENT", "no", true]);
  expect(serving.cause).toMatchObject({ problems });
  const { cause } = await failure("platform");
  expect([isPlatformChange(cause), cause]).toMatchObject([true, { model: "m", was: "a", requested: "b" }]);
  expect(await failure("system")).toMatchObject({ code: "EADDRINUSE", message: "taken" });
  expect((await failure("lost")).message).toMatch(/cannot be posted/);
});

test("what was told and fails is reported where it failed", async () => {
  const { channel, failures } = asking({
    break: () => {
      throw new Error("broken");
    },
    after: () => 1,
  });
  channel.tell("break", undefined);
  await channel.call("after", undefined);
  expect(failures).toEqual([["break", "Error: broken"]]);
});

test("a closed channel rejects what is under way and what comes", async () => {
  const { channel } = asking({ never: () => new Promise(() => {}) });
  const under = channel.call("never", undefined);
  channel.close(unavailable("gone"));
  await expect(under).rejects.toThrow("gone");
  await expect(channel.call("never", undefined)).rejects.toThrow("gone");
  channel.tell("never", undefined);
});

test("buffers of an answer are moved, not copied", async () => {
  const bytes = new Uint8Array([1, 2, 3]);
  const { channel } = asking({ give: () => new Moved(bytes, [bytes.buffer]) as unknown as Uint8Array });
  expect(await channel.call("give", undefined)).toEqual(new Uint8Array([1, 2, 3]));
  expect(bytes.length).toBe(0);
});
