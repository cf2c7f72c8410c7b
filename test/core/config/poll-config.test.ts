import { pollConfig } from "salver";
import { describe, expect, test } from "vitest";
import { fakeClock, recordingLogger } from "../../../core/testing/index.js";

type File = { readonly models: readonly string[] };

function polling(first?: File) {
  const clock = fakeClock();
  const log = recordingLogger();
  const abort = new AbortController();
  const applied: File[] = [];
  const file: { read: () => Promise<File>; apply: (config: File, signal: AbortSignal) => Promise<void> } = {
    read: async () => first ?? { models: [] },
    apply: async () => {},
  };
  const ended = pollConfig(
    () => file.read(),
    (config, signal) => {
      applied.push(config);
      return file.apply(config, signal);
    },
    1000,
    log,
    abort.signal,
    clock,
    first,
  );
  /** One reading, until the next sleep. */
  const round = async () => {
    await clock.asleep();
    clock.advance(1000);
    await clock.asleep();
  };
  const said = (level: string) => log.lines.filter((line) => line.level === level).map(({ message }) => message);
  return { file, applied, round, said, abort, ended, clock };
}

describe("pollConfig", () => {
  test("applies a config that differs, once, and leaves one alone that does not", async () => {
    const { file, applied, round } = polling({ models: ["a"] });
    await round();
    expect(applied).toEqual([]);
    file.read = async () => ({ models: ["a", "b"] });
    await round();
    await round();
    expect(applied).toEqual([{ models: ["a", "b"] }]);
    file.read = async () => ({ models: ["a"] });
    await round();
    expect(applied).toHaveLength(2);
  });

  test("without a first config, applies the first one read", async () => {
    const { applied, round } = polling();
    await round();
    expect(applied).toEqual([{ models: [] }]);
  });

  test("a file that cannot be read is said once as long as it fails alike, and changes nothing", async () => {
    const { file, applied, round, said } = polling({ models: [] });
    const good = file.read;
    file.read = async () => {
      throw new Error("models.config:3:1: expected a value");
    };
    await round();
    await round();
    expect(said("error")).toEqual(["reading the config again: models.config:3:1: expected a value"]);
    file.read = async () => {
      throw new Error("models.config: there is no such file");
    };
    await round();
    expect(said("error")).toHaveLength(2);
    file.read = good;
    await round();
    file.read = async () => {
      throw new Error("models.config: there is no such file");
    };
    await round();
    expect(said("error")).toHaveLength(3);
    expect(applied).toEqual([]);
  });

  test("a config that is refused is tried again until it is taken", async () => {
    const { file, applied, round, said } = polling({ models: [] });
    file.read = async () => ({ models: ["m"] });
    file.apply = async () => {
      throw new Error("a label on a version that still loads");
    };
    await round();
    await round();
    expect(applied).toHaveLength(2);
    expect(said("error")).toHaveLength(1);
    file.apply = async () => {};
    await round();
    await round();
    expect(applied).toHaveLength(3);
    expect(said("info")).toHaveLength(1);
  });

  test("one that waits for ever gives way to a newer one", async () => {
    const { file, applied, round, said } = polling({ models: [] });
    file.read = async () => ({ models: ["stuck"] });
    file.apply = (_config, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    await round();
    await round();
    expect(applied).toHaveLength(1);
    file.read = async () => ({ models: ["fixed"] });
    file.apply = async () => {};
    await round();
    expect(applied.at(-1)).toEqual({ models: ["fixed"] });
    expect(said("error")).toEqual([]);
  });

  test("ends when it is told, also while it applies", async () => {
    const { file, round, abort, ended, applied } = polling({ models: [] });
    file.read = async () => ({ models: ["stuck"] });
    file.apply = (_config, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    await round();
    expect(applied).toHaveLength(1);
    abort.abort();
    await ended;
  });
});
