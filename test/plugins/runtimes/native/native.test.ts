import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import {
  addressOf,
  adopt,
  callAsync,
  copyMemory,
  createLimiter,
  cString,
  heldInFlight,
  keepAlive,
  loadLibrary,
  type NativeFunction,
  openLibrary,
  readCString,
  trimMemory,
  writeMemory,
} from "../../../../plugins/runtimes/native/index.js";
import { garbageCollector } from "../../../soak/collect.js";

const libc = { linux: "libc.so.6", darwin: "libSystem.B.dylib" }[process.platform as string] ?? "ucrtbase.dll";
const strlen = loadLibrary(libc).func<[Uint8Array], number>("strlen", "size_t", ["void *"]);

describe("loadLibrary", () => {
  it("loads a path once", () => {
    expect(loadLibrary(libc)).toBe(loadLibrary(libc));
  });

  it("says which function a library has not", () => {
    expect(() => loadLibrary(libc).func("no_such_function", "int", [])).toThrow("no_such_function");
  });

  it("fails with the linker's text, on this thread and on another", async () => {
    expect(() => loadLibrary("/no/such/library.so")).toThrow("library.so");
    await expect(openLibrary("/no/such/library.so")).rejects.toThrow("library.so");
  });
});

describe("callAsync", () => {
  it("holds what a call uses until the call has returned", async () => {
    const call = callAsync(strlen, [cString("four")], { keep: [{}] });
    expect(heldInFlight()).toBe(1);
    expect(await call).toBe(4);
    expect(heldInFlight()).toBe(0);
  });

  it("lets go of a call that cannot begin, and frees its place", async () => {
    const lane = createLimiter(1);
    const broken = Object.assign(() => 0, {
      async: () => {
        throw new Error("too many");
      },
    }) as unknown as NativeFunction<[], number>;
    await expect(callAsync(broken, [], { lane })).rejects.toThrow("too many");
    expect([heldInFlight(), lane.running]).toEqual([0, 0]);
  });

  it("keeps to its lane", async () => {
    const lane = createLimiter(2);
    const calls = Array.from({ length: 5 }, () => callAsync(strlen, [cString("x")], { lane }));
    expect([lane.running, lane.waiting, heldInFlight()]).toEqual([2, 3, 2]);
    expect(await Promise.all(calls)).toEqual([1, 1, 1, 1, 1]);
  });
});

describe("memory", () => {
  it("is copied out and in", () => {
    for (const size of [0, 1, 100, 5000, 100_000]) {
      const bytes = Uint8Array.from({ length: size }, (_, i) => i * 7);
      const target = new Uint8Array(size || 1);
      expect(new Uint8Array(copyMemory(addressOf(target), 0))).toHaveLength(0);
      writeMemory(addressOf(target), bytes);
      expect(new Uint8Array(copyMemory(addressOf(target), size))).toEqual(bytes);
      keepAlive(target);
    }
  });

  it("reads and writes C strings", () => {
    const text = cString("Grüße");
    expect(readCString(addressOf(text))).toBe("Grüße");
    keepAlive(text);
  });

  it("that is adopted is released once, after nobody uses it", async () => {
    const owner = new Uint8Array(64).fill(7);
    let released = 0;
    const items: { view: Uint8Array | undefined } = {
      view: new Uint8Array(adopt(addressOf(owner), 64, () => released++)),
    };
    const collect = garbageCollector();
    for (let i = 0; i < 5; i++) {
      collect();
      await nextTurn();
    }
    expect([released, items.view?.[63]]).toEqual([0, 7]);
    items.view = undefined;
    for (let i = 0; i < 100 && released === 0; i++) {
      collect();
      await nextTurn();
    }
    expect(released).toBe(1);
    keepAlive(owner);
  });

  it("that is adopted stays in its thread", () => {
    const owner = new Uint8Array(64).fill(7);
    const memory = adopt(addressOf(owner), 64, () => {});
    try {
      structuredClone(memory, { transfer: [memory] });
    } catch (error) {
      // From Node 21 on it is an error; before, the memory was copied.
      expect(error).toMatchObject({ name: "DataCloneError" });
    }
    expect(memory.byteLength).toBe(64);
    keepAlive(owner);
  });

  it("goes back to the operating system without harm", () => trimMemory());
});
