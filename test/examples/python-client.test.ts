import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { serve } from "../../examples/support/serve.js";
import { servingDescriptors } from "../compat/descriptors.js";
import { workFolder } from "../e2e/support/config.js";

/** A Python with grpcio and protobuf. */
const python = process.env.SALVER_TEST_PYTHON || "python3";
const recommender = new URL("../../examples/recommender/", import.meta.url);
const client = fileURLToPath(new URL("client.py", recommender));
const withStubs = fileURLToPath(new URL("with_stubs.py", import.meta.url));

const imports = "import grpc, google.protobuf.message_factory";
const ready = spawnSync(python, ["-c", imports]).status === 0;
const skipped = ready ? "" : " (skipped: SALVER_TEST_PYTHON or python3 has no grpcio and protobuf)";

describe.skipIf(!ready)(`the recommender's client in Python${skipped}`, () => {
  test("gets the same articles over REST and over gRPC", { timeout: 120_000 }, async () => {
    await using folder = await workFolder();
    await using server = await serve(recommender);
    const descriptors = join(folder.path, "descriptors");
    await writeFile(descriptors, servingDescriptors());
    const ask = (...expected: readonly string[]) =>
      spawnSync(python, [withStubs, descriptors, client, server.rest, server.grpc, ...expected], {
        encoding: "utf8",
        env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
      });

    const { status, stdout, stderr } = ask();
    expect(status, stderr).toBe(0);
    const [overRest, overGrpc] = ["REST", "gRPC"].map(
      (name) => new RegExp(`^Python over ${name}: (.+)$`, "m").exec(stdout)?.[1]?.split(", ") ?? [],
    ) as [string[], string[]];
    expect(overRest).toHaveLength(5);
    expect(overGrpc).toEqual(overRest);

    const refused = ask(...overRest.toReversed());
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain("Python over REST: got");
  });
});
