import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

it("a run under way does not keep a process that exits", () => {
  const program = fileURLToPath(new URL("exit-during-run.ts", import.meta.url));
  const { status, signal } = spawnSync(process.execPath, ["--import", "tsx", program], { timeout: 25_000 });
  expect({ status, signal }).toEqual({ status: 3, signal: null });
});
