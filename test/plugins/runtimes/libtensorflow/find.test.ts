import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { silentLogger } from "../../../../core/index.js";

/** The search is kept for the life of a process; a fresh module is a fresh process. */
const fresh = async (path: string) => {
  vi.resetModules();
  vi.stubEnv("LIBTENSORFLOW_PATH", path);
  return import("../../../../plugins/runtimes/libtensorflow/index.js");
};

describe("without a libtensorflow that works", () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "salver-find-"));
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(root, { recursive: true });
  });

  it("the search says where it looked, and a model says what to do, without a path", async () => {
    const { findLibrary, openSavedModel, doctor } = await fresh(root);
    const place = `LIBTENSORFLOW_PATH: ${root}`;
    expect(await findLibrary()).toEqual({ searched: [{ place, result: expect.stringContaining("holds no") }] });
    const error = await openSavedModel(root, {}, silentLogger).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "FAILED_PRECONDITION",
      message: expect.stringMatching(/not found \(looked at LIBTENSORFLOW_PATH\); run `salver tensorflow install`/),
    });
    expect((error as Error).message).not.toContain(root);
    expect(await doctor()).toMatchObject([
      { subject: "libtensorflow", status: "absent", detail: expect.stringContaining("salver tensorflow install") },
      { status: "absent", detail: expect.stringContaining(root) },
    ]);
  });

  it("a file that is no library is named as broken", async () => {
    const file = join(root, "libtensorflow.so.2");
    await writeFile(file, "no library");
    const { openSavedModel, doctor } = await fresh(file);
    await expect(openSavedModel(root, {}, silentLogger)).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      message: expect.stringMatching(/was found \(LIBTENSORFLOW_PATH\) but cannot be loaded/),
    });
    expect(await doctor()).toContainEqual(
      expect.objectContaining({ status: "broken", detail: expect.stringContaining("cannot be loaded: ") }),
    );
  });

  it("a library that came meanwhile is seen by the next search", async () => {
    const { findLibrary } = await fresh(join(root, "late"));
    expect(await findLibrary()).toMatchObject({ searched: [{ result: "no such file or folder" }] });
    await writeFile(join(root, "late"), "no library");
    expect(await findLibrary()).toMatchObject({ searched: [{ result: expect.stringContaining("cannot be loaded") }] });
  });
});
