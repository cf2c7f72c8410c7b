import { mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { canMapFiles, mapFile, viewMemory } from "../../../../plugins/runtimes/native/index.js";

const folder = await mkdtemp(join(tmpdir(), "map-"));
afterAll(() => rm(folder, { recursive: true }));

const path = join(folder, "numbers");
const numbers = Float32Array.from({ length: 5000 }, (_, i) => i / 2);
await writeFile(path, numbers);

const inUse = () => readFile("/proc/self/maps", "utf8");

describe.skipIf(!canMapFiles())("a mapped file", () => {
  test("is its bytes", async () => {
    await using mapping = await mapFile(path, numbers.byteLength);
    expect(mapping.length).toBe(20_000);
    expect(new Float32Array(viewMemory(mapping.address, mapping.length))).toEqual(numbers);
    expect(new Float32Array(viewMemory(mapping.address + 400n, 8))).toEqual(Float32Array.of(50, 50.5));
  });

  test("stays what it was when another file takes its name", async () => {
    const replaced = join(folder, "replaced");
    await writeFile(replaced, "before");
    await using mapping = await mapFile(replaced, 6);
    await writeFile(`${replaced}.new`, "after!");
    await rename(`${replaced}.new`, replaced);
    expect(Buffer.from(viewMemory(mapping.address, 6)).toString()).toBe("before");
  });

  test("tells which pages are there", async () => {
    await using mapping = await mapFile(path, numbers.byteLength);
    expect(new Float32Array(viewMemory(mapping.address, 4))[0]).toBe(0);
    const pages = await mapping.residency();
    expect(pages?.length).toBe(Math.ceil(numbers.byteLength / mapping.pageSize));
    expect((pages?.[0] ?? 0) & 1).toBe(1);
  });

  test("is refused when it is shorter than it should be, and when it is not there", async () => {
    const { size } = await stat(path);
    await expect(mapFile(path, size + 1)).rejects.toThrow("20000 bytes, fewer than the 20001");
    await expect(mapFile(join(folder, "none"), 1)).rejects.toThrow("ENOENT");
  });

  test.skipIf(process.platform !== "linux")(
    "is let go on disposal, which comes after what was asked of it",
    async () => {
      const own = join(folder, "let-go");
      await writeFile(own, numbers);
      const mapping = await mapFile(own, numbers.byteLength);
      expect(await inUse()).toContain(own);
      const asked = mapping.residency();
      await mapping[Symbol.asyncDispose]();
      await mapping[Symbol.asyncDispose]();
      expect((await asked)?.length).toBeGreaterThan(0);
      expect(await inUse()).not.toContain(own);
      expect(await mapping.residency()).toBeUndefined();
    },
  );
});
