import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { readSecret } from "../../artifacts/secret.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "salver-"));
  await writeFile(join(folder, "key"), "from the file\n");
  await writeFile(join(folder, "empty"), " \n");
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

// Put together, for these are no templates.
const reference = (kind: string, name: string) => `$\{${kind}:${name}}`;

test("text is itself; variables and files are read anew each time", async () => {
  const read = (written: string) => readSecret("auth", written, folder);
  expect(await read("plain $x")).toBe("plain $x");
  expect(await read(reference("file", "key"))).toBe("from the file");
  vi.stubEnv("SALVER_TEST_SECRET", "one");
  expect(await read(reference("env", "SALVER_TEST_SECRET"))).toBe("one");
  vi.stubEnv("SALVER_TEST_SECRET", "two");
  expect(await read(reference("env", "SALVER_TEST_SECRET"))).toBe("two");
  await writeFile(join(folder, "key"), "another");
  expect(await read(reference("file", "key"))).toBe("another");
});

test.each([
  [
    "env",
    "SALVER_TEST_NO_SUCH_VARIABLE",
    /auth is .*variable SALVER_TEST_NO_SUCH_VARIABLE of the environment is not set/,
  ],
  ["file", "absent", /auth cannot be read from .*absent.*ENOENT/],
  ["file", "empty", /auth is .*the file .*empty is empty/],
])("%s:%s is a mistake that is named", async (kind, name, message) => {
  await expect(readSecret("auth", reference(kind, name), folder)).rejects.toMatchObject({
    code: "FAILED_PRECONDITION",
    message: expect.stringMatching(message),
  });
});
