import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tensor } from "salver";
import { expect, test } from "vitest";
import { workFolder, writeConfig } from "./support/config.js";
import { config, models, publish, stamp } from "./support/group.js";
import { grpcClient } from "./support/grpc-client.js";
import { request } from "./support/rest-client.js";
import { serve } from "./support/salver.js";

const transports = `transports:
  - { type: grpc, port: 0, host: 127.0.0.1, engine: http2 }
  - { type: rest, port: 0, host: 127.0.0.1 }
`;
const x = tensor("float32", [1], Float32Array.of(8));

test("a group is swapped under load in two threads: no request fails, and no thread shows two versions", {
  timeout: 120_000,
}, async () => {
  await using folder = await workFolder();
  await writeFile(join(folder.path, "stamp.ts"), stamp);
  await publish(folder.path, 1);
  const serving = await serve(await writeConfig(folder.path, config + transports), ["--io-threads", "2"]);
  const failures: string[] = [];
  const seen = new Set<string>();
  let answered = 0;
  let going = true;

  /** Each on a connection of its own: the threads get them by turns. */
  async function ask(round: (client: ReturnType<typeof grpcClient>) => Promise<void>): Promise<void> {
    const client = grpcClient(serving.grpc);
    while (going) await round(client).catch((error) => failures.push(String(error)));
    client.close();
  }
  const pipeline = () =>
    ask(async (client) => {
      const { outputs } = await client.predict({ name: "rank" }, { x });
      const [y, early, late] = [outputs.y, outputs.early, outputs.late].map((each) => String(each?.data[0]));
      if (y !== "6" || early !== late) failures.push(`mixed: ${y}, ${early} and ${late}`);
      seen.add(String(early));
      answered++;
    });
  /** One after the other, what a thread has swapped stays swapped, whichever model is asked. */
  const members = () => {
    let last = 0n;
    return ask(async (client) => {
      for (const name of ["late", "early"]) {
        const { outputs } = await client.predict({ name }, { x });
        const version = outputs.v?.data[0] as bigint;
        if (version < last) failures.push(`back from ${last} to ${version} of ${name}`);
        last = version;
        answered++;
      }
    });
  };

  const clients = [pipeline(), pipeline(), pipeline(), pipeline(), members(), members()];
  for (const version of [2, 3, 4, 5]) {
    await publish(folder.path, version);
    for (let i = 0; i < 1500 && !seen.has(String(version)); i++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    for (const model of models) await rm(join(folder.path, model, String(version - 1)), { recursive: true });
  }
  going = false;
  await Promise.all(clients);
  expect(failures).toEqual([]);
  expect([...seen].sort()).toEqual(["1", "2", "3", "4", "5"]);
  expect(answered).toBeGreaterThan(50);

  // The pipeline's steps run in the main thread, and their batches are told of as those of any other.
  const { body } = await request(`${serving.rest}/v1/models/half/batches`);
  expect((body as { batches: readonly unknown[] }).batches.length).toBeGreaterThan(0);
  const page = await (await fetch(`${serving.rest}/monitoring/prometheus/metrics`)).text();
  for (const model of ["rank", ...models]) expect(page).toContain(`model_name="${model}"`);
  const { code, stderr } = await serving.stop();
  expect([code, stderr.match(/"level":"(?:warn|error)".*/g)]).toEqual([0, null]);
});
