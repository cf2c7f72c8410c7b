import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tensor } from "salver";
import { expect, test } from "vitest";
import { workFolder, writeConfig } from "./support/config.js";
import { config, models, publish, stamp } from "./support/group.js";
import { grpcClient } from "./support/grpc-client.js";
import { request } from "./support/rest-client.js";
import { salver, serve } from "./support/salver.js";

test("a group is swapped under load: no request fails, and no answer is of two versions", {
  timeout: 120_000,
}, async () => {
  await using folder = await workFolder();
  await writeFile(join(folder.path, "stamp.ts"), stamp);
  await publish(folder.path, 1);
  const serving = await serve(await writeConfig(folder.path, config));
  expect(serving.stdout).toMatch(/^rank +1 +pipeline +3 steps +serving_default/m);
  const client = grpcClient(serving.grpc);
  const failures: string[] = [];
  const seen = new Set<string>();
  let answered = 0;
  let going = true;

  const check = (y: unknown, versions: readonly unknown[]) => {
    answered++;
    if (y !== 6) failures.push(`answered ${y}`);
    if (new Set(versions.map(String)).size !== 1) failures.push(`of the versions ${versions.join(" and ")}`);
    seen.add(String(versions[0]));
  };
  const overGrpc = async () => {
    while (going) {
      try {
        const { outputs } = await client.predict({ name: "rank" }, { x: tensor("float32", [1], Float32Array.of(8)) });
        check(outputs.y?.data[0], [outputs.early?.data[0], outputs.late?.data[0]]);
      } catch (error) {
        failures.push(String(error));
      }
    }
  };
  const overRest = async () => {
    while (going) {
      const { status, body } = await request(`${serving.rest}/v1/models/rank:predict`, '{"instances": [8.0]}');
      const [row] = (body as { predictions?: readonly { y: number; early: number; late: number }[] }).predictions ?? [];
      if (status === 200 && row) check(row.y, [row.early, row.late]);
      else failures.push(JSON.stringify(body));
    }
  };
  const clients = [overGrpc(), overGrpc(), overGrpc(), overRest(), overRest()];
  for (const version of [2, 3, 4]) {
    await publish(folder.path, version);
    for (let i = 0; i < 1500 && !seen.has(String(version)); i++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    for (const model of models) await rm(join(folder.path, model, String(version - 1)), { recursive: true });
  }
  // One that not all have is nobody's business.
  await publish(folder.path, 5, ["early", "late"]);
  await new Promise((resolve) => setTimeout(resolve, 200));
  going = false;
  await Promise.all(clients);
  expect(failures).toEqual([]);
  expect([...seen].sort()).toEqual(["1", "2", "3", "4"]);
  expect(answered).toBeGreaterThan(50);

  const { body: metadata } = await request(`${serving.rest}/v1/models/rank/metadata`);
  expect(metadata).toMatchObject({
    model_spec: { name: "rank", version: "1" },
    metadata: { signature_def: { signature_def: { serving_default: { outputs: { early: { dtype: "DT_INT64" } } } } } },
  });
  const { body: state } = await request(`${serving.rest}/v1/models/rank`);
  expect(state).toMatchObject({ model_version_status: [{ version: "1", state: "AVAILABLE" }] });
  const page = await (await fetch(`${serving.rest}/monitoring/prometheus/metrics`)).text();
  for (const model of ["rank", ...models]) expect(page).toContain(`model_name="${model}"`);

  // One that cannot be loaded for one is not for the others either, and everybody is told.
  await mkdir(join(folder.path, "half", "6"));
  await publish(folder.path, 6, ["early", "late"]);
  const reason = "ABORTED: version 6 of the group g cannot be had, for that of half: FAILED_PRECONDITION";
  let explained = "";
  for (let i = 0; i < 30 && !explained.includes(reason); i++) {
    explained = (await salver(["explain", "early", "--url", serving.rest])).stdout;
  }
  expect(explained).toContain(`early 6 is END: ${reason}: no servable type knows these files`);
  const { body: still } = await request(`${serving.rest}/v1/models/rank:predict`, '{"instances": [8.0]}');
  expect(still).toEqual({ predictions: [{ y: 6, early: 4, late: 4 }] });

  client.close();
  const { code, stderr } = await serving.stop();
  expect(code).toBe(0);
  expect(stderr).toContain("the group g waits for versions: 5 is not there for half");
});

test("a mistake in a pipeline is one line with its place, and nothing listens", async () => {
  await using folder = await workFolder();
  await writeFile(join(folder.path, "stamp.ts"), stamp);
  for (const model of models) await mkdir(join(folder.path, model));
  const text = config.replace("late: { model: late", "late: { model: lat");
  const file = await writeConfig(folder.path, text);
  const { code, stderr } = await salver(["serve", file]);
  expect(stderr.trim()).toMatch(
    /salver\.config\.yaml:12:24 models\.rank\.servable\.steps\.late\.model: no model is called "lat" \(did you mean "late"\?\)$/,
  );
  expect(code).toBe(2);
});

test("validate and print-config know pipelines and groups", { timeout: 120_000 }, async () => {
  await using folder = await workFolder();
  await writeFile(join(folder.path, "stamp.ts"), stamp);
  await publish(folder.path, 1);
  const file = await writeConfig(folder.path, config);
  const good = await salver(["validate", file]);
  expect(good.stdout).toMatch(/^rank +1 +pipeline/m);
  expect(good.code).toBe(0);
  const printed = await salver(["print-config", file]);
  const again = await writeConfig(folder.path, printed.stdout);
  expect((await salver(["print-config", again])).stdout).toBe(printed.stdout);
  expect(printed.stdout).toContain("group: g");

  await writeConfig(folder.path, config.replace("{ y: half.y, early: early.v", "{ y: half.z, early: early.v"));
  const bad = await salver(["validate", file]);
  expect(bad.stdout).toMatch(
    /✗ rank 1 failed: FAILED_PRECONDITION: salver\.config\.yaml:13:18 models\.rank\.servable\.outputs\.y: half 1 has no output "z" \(did you mean "y"\?\)/,
  );
  expect(bad.code).toBe(1);
});
