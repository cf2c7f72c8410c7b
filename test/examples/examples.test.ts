import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = join(root, "examples");
const names = readdirSync(folder).filter((name) => !name.startsWith(".") && existsSync(join(folder, name, "run.ts")));

/** What each says when it has shown what it is for. */
const figures: Readonly<Record<string, RegExp>> = {
  images: /^accuracy over 20 pictures: 1\.00$[\s\S]*^\d+ images a second/m,
  mixed: /ensemble, canary.*0\.8\d+[\s\S]*^\d+ loans a second/m,
  recommender: /^AUC over 1000 events .*: 0\.\d+ -> 0\.\d+$/m,
  sentences: /^precision of the theme at 5: 0\.9\d+$[\s\S]*^\d+ queries a second/m,
};

/** `npm run example <name>` without its build, which the suite has behind it. */
function example(...args: readonly string[]) {
  const tsx = join(root, "node_modules/tsx/dist/cli.mjs");
  const python = process.env.SALVER_TEST_PYTHON;
  return spawnSync(process.execPath, [tsx, "--tsconfig", "tsconfig.test.json", "examples/run.ts", ...args], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1", ...(python && { PYTHON: python }) },
    timeout: 240_000,
  });
}

describe.each(names)("npm run example %s", (name) => {
  test("ends by itself with 0, and prints its figures", { timeout: 300_000 }, () => {
    const { status, stdout, stderr } = example(name);
    expect(status, stdout + stderr).toBe(0);
    expect(figures).toHaveProperty(name);
    expect(stdout).toMatch(figures[name]!);
  });
});

test("another name is answered with those that there are", { timeout: 60_000 }, () => {
  const { status, stderr } = example("recommendr");
  expect(status).toBe(2);
  expect(stderr).toContain(`one of ${[...names].sort().join(", ")}; got "recommendr"`);
});
