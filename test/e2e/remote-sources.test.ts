import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { tensor } from "salver";
import { create, Header } from "tar";
import { describe, expect, test, vi } from "vitest";
import { quickstart, workFolder, writeConfig } from "./support/config.js";
import { grpcClient } from "./support/grpc-client.js";
import {
  filesIn,
  type HttpPlace,
  httpPlace,
  type RemotePlace,
  s3Place,
  sha256,
  unfinishedIn,
} from "./support/remote-place.js";
import { request } from "./support/rest-client.js";
import { type Serving, serve } from "./support/salver.js";

const half = join(quickstart, "models/half_plus_two/1");
/** Other bytes: what is here already is not fetched again. */
const other = join(quickstart, "models/half_plus_two/2");

const configOf = ({ source }: RemotePlace) => `cache: { path: ./cache }\nmodels:\n  m: { source: ${source} }\n`;

type Status = { readonly version: string; readonly state: string; readonly status: { readonly error_message: string } };

async function statusOf(serving: Serving): Promise<readonly Status[]> {
  const { body } = await request(`${serving.rest}/v1/models/m`);
  return (body as { model_version_status: Status[] }).model_version_status;
}

vi.setConfig({ testTimeout: 60_000 });

describe.each([
  ["s3", s3Place],
  ["http", httpPlace],
])("%s", (_, open) => {
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
      await expect.poll(() => seen.has(BigInt(version)), { timeout: 40_000 }).toBe(true);
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
    await place.publish(2, other);
    await expect
      .poll(async () => (await statusOf(serving)).find(({ version }) => version === "2")?.state, { timeout: 40_000 })
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

/** A tar with one entry of these bytes under a name that nobody should write to. */
function tarOf(path: string, bytes: Uint8Array): Uint8Array {
  const head = Buffer.alloc(512);
  new Header({ path, size: bytes.length, mode: 0o644, type: "File" }).encode(head, 0);
  return Buffer.concat([head, bytes, Buffer.alloc(512 - (bytes.length % 512) + 1024)]);
}

const packed = async () => buffer(create({ cwd: half, gzip: true, portable: true }, ["saved_model.pb", "variables"]));

const broken: readonly [string, (place: HttpPlace) => Promise<void>, RegExp][] = [
  [
    "whose sum is not the manifest's",
    async (place) => {
      place.put("v2.tar.gz", await packed());
      place.announce(2, "v2.tar.gz", sha256(Buffer.from("something else")));
    },
    /sha256|SHA-256|checksum|sum/,
  ],
  [
    "that is a bomb",
    async (place) => {
      const bomb = gzipSync(tarOf("saved_model.pb", Buffer.alloc(600 * 2 ** 20)));
      place.put("v2.tar.gz", bomb);
      place.announce(2, "v2.tar.gz", sha256(bomb));
    },
    /times|ratio|larger|bomb|unpack/,
  ],
  [
    "that would be written elsewhere",
    async (place) => {
      const slip = gzipSync(tarOf("../../../slipped", Buffer.from("out")));
      place.put("v2.tar.gz", slip);
      place.announce(2, "v2.tar.gz", sha256(slip));
    },
    /\.\.\/\.\.\/\.\.\/slipped/,
  ],
  [
    "that is no archive at all",
    async (place) => {
      const bytes = Buffer.from("<html>a login page</html>");
      place.put("v2.tar.gz", bytes);
      place.announce(2, "v2.tar.gz", sha256(bytes));
    },
    /gzip|archive/,
  ],
];

test.each(broken)(
  "http: a newer archive %s leaves the live version alone, and says why",
  async (_, publish, reason) => {
    await using folder = await workFolder();
    await using place = await httpPlace();
    await place.publish(1, half);
    const serving = await serve(await writeConfig(folder.path, configOf(place)));
    await publish(place);
    await expect
      .poll(async () => (await statusOf(serving)).find(({ version }) => version === "2")?.state, { timeout: 40_000 })
      .toBe("END");
    const { status, body } = await request(`${serving.rest}/v1/models/m:predict`, '{"instances": [8.0]}');
    expect([status, body]).toEqual([200, { predictions: [6] }]);
    const failed = (await statusOf(serving)).find(({ version }) => version === "2");
    expect(failed?.status.error_message).toMatch(reason);
    expect(failed?.status.error_message).toContain("v2.tar.gz");
    await serving.stop();
    const kept = await filesIn(folder.path);
    expect(kept.filter((name) => name.includes("slipped"))).toEqual([]);
    expect(await unfinishedIn(join(folder.path, "cache"))).toEqual([]);
  },
);
