import { join } from "node:path";
import { tensor } from "salver";
import { describe, expect, test } from "vitest";
import { quickstart, workFolder, writeConfig } from "./support/config.js";
import { grpcClient } from "./support/grpc-client.js";
import { type RemotePlace, s3Place, unfinishedIn } from "./support/remote-place.js";
import { request } from "./support/rest-client.js";
import { type Serving, serve } from "./support/salver.js";

const half = join(quickstart, "models/half_plus_two/1");

const configOf = ({ source }: RemotePlace) => `cache: { path: ./cache }\nmodels:\n  m: { source: ${source} }\n`;

type Status = { readonly version: string; readonly state: string; readonly status: { readonly error_message: string } };

async function statusOf(serving: Serving): Promise<readonly Status[]> {
  const { body } = await request(`${serving.rest}/v1/models/m`);
  return (body as { model_version_status: Status[] }).model_version_status;
}

describe.each([["s3", s3Place]])("%s", (_, open) => {
  test("versions come and go under load, and no request fails", async () => {
    await using folder = await workFolder();
    await using place = await open();
    await place.publish(1, half);
    const serving = await serve(await writeConfig(folder.path, configOf(place)));
    const client = grpcClient(serving.grpc);
    const seen = new Set<unknown>();
    const failures: string[] = [];
    let going = true;

    const load = async () => {
      while (going) {
        try {
          const x = tensor("float32", [1], Float32Array.of(8));
          const { outputs, spec } = await client.predict({ name: "m" }, { x });
          if (outputs.y?.data[0] !== 6) failures.push(`answered ${outputs.y?.data[0]}`);
          seen.add((spec?.versionChoice.value as { value: bigint } | undefined)?.value);
        } catch (error) {
          failures.push(String(error));
        }
      }
    };
    const clients = [load(), load()];
    for (const version of [2, 3]) {
      await place.publish(version, half);
      await expect.poll(() => seen.has(BigInt(version)), { timeout: 20_000 }).toBe(true);
      await place.remove(version - 1);
    }
    going = false;
    await Promise.all(clients);
    client.close();
    const { code } = await serving.stop();
    expect(failures).toEqual([]);
    expect([...seen].sort()).toEqual([1n, 2n, 3n]);
    expect(code).toBe(0);
    expect(await unfinishedIn(join(folder.path, "cache"))).toEqual([]);
  });

  test("a newer version that cannot be fetched leaves the live one alone, and says why", async () => {
    await using folder = await workFolder();
    await using place = await open();
    await place.publish(1, half);
    const serving = await serve(await writeConfig(folder.path, configOf(place)));
    place.proxy.plan(async ({ response }) => void response.writeHead(403).end(), {
      times: Number.POSITIVE_INFINITY,
      only: ({ method, path }) => method === "GET" && place.asksFor(2, path),
    });
    await place.publish(2, half);
    await expect
      .poll(async () => (await statusOf(serving)).find(({ version }) => version === "2")?.state, { timeout: 20_000 })
      .toBe("END");
    const { status, body } = await request(`${serving.rest}/v1/models/m:predict`, '{"instances": [8.0]}');
    expect([status, body]).toEqual([200, { predictions: [6] }]);
    const [failed] = (await statusOf(serving)).filter(({ version }) => version === "2");
    expect(failed?.status.error_message).toMatch(/403|allow|permi/i);
    await serving.stop();
    expect(await unfinishedIn(join(folder.path, "cache"))).toEqual([]);
  });

  test("a restart without the place serves from the cache and says so", async () => {
    await using folder = await workFolder();
    await using place = await open();
    await place.publish(1, half);
    const config = await writeConfig(folder.path, configOf(place));
    const first = await serve(config);
    await first.stop();
    await place.proxy.goDown();
    const again = await serve(config);
    const { body } = await request(`${again.rest}/v1/models/m:predict`, '{"instances": [8.0]}');
    expect(body).toEqual({ predictions: [6] });
    const { stderr } = await again.stop();
    expect(stderr).toMatch(/cannot be looked at: m starts from this machine's cache with version 1/);
    await place.proxy.comeUp();
  });
});
