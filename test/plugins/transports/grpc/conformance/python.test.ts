import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { engines } from "./engines.js";
import { predictRequest } from "./predict-request.js";
import { leasesGone, type Stage, serve } from "./stage.js";

/** A Python with grpcio. */
const python = process.env.SALVER_TEST_PYTHON || "python3";
const script = fileURLToPath(new URL("client.py", import.meta.url));
const ready = spawnSync(python, ["-c", "import grpc"]).status === 0;
const skipped = ready ? "" : " (skipped: SALVER_TEST_PYTHON or python3 has no grpcio)";

const requests = [predictRequest(), predictRequest(Buffer.alloc(3_000_000, "p"))]
  .map((bytes) => Buffer.from(bytes).toString("hex"))
  .join("\n");

async function check({ port, frontend }: Stage, name: string): Promise<void> {
  const child = spawn(python, [script, `127.0.0.1:${port}`, name], {
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
  });
  child.stdin.on("error", () => {});
  child.stdin.end(requests);
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, "close")]);
  expect(code, said).toBe(0);
  await leasesGone(frontend);
}

describe.skipIf(!ready).each(engines)(`%s: Python's grpcio${skipped}`, (engine) => {
  test.each(["calls", "compression", "large", "metadata", "health"])("%s", async (name) =>
    check(await serve(engine), name),
  );

  test("deadlines and cancellation reach the run", async () => {
    const stage = await serve(engine);
    let aborted = 0;
    stage.frontend.predict = (_signature, _inputs, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          aborted++;
          reject(signal.reason);
        });
      });
    await check(stage, "deadline");
    expect(aborted).toBeGreaterThan(0);
  });

  test("pings while the answer is awaited", async () => {
    const stage = await serve(engine);
    stage.frontend.predict = async (_signature, inputs) => {
      await new Promise((resolve) => setTimeout(resolve, 250));
      return inputs;
    };
    await check(stage, "keepalive");
  });
});
