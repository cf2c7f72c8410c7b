import { cp, mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { tensor } from "salver";
import { describe, expect, test } from "vitest";
import { quickstart, workFolder, writeConfig } from "./support/config.js";
import { grpcClient } from "./support/grpc-client.js";
import { request } from "./support/rest-client.js";
import { serve } from "./support/salver.js";

/** Puts a finished version in place, as a publisher should: copied aside, then renamed. */
async function publish(folder: string, from: string, model: string, version: number): Promise<void> {
  await cp(from, join(folder, "staging"), { recursive: true });
  await rename(join(folder, "staging"), join(folder, model, String(version)));
}

const residentBytes = async (pid: number) => {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
};

const medianOf = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

describe.each([
  ["availability-preserving", 1],
  ["resource-preserving", 1],
  ["availability-preserving", 3],
])("%s, %i I/O threads", (policy, threads) => {
  // Between its unload and its load the second policy has, by its law, no version: those answers are NOT_FOUND.
  const gapAllowed = policy === "resource-preserving";

  test("versions come and go under load, and no request fails", async () => {
    await using folder = await workFolder();
    const model = join(quickstart, "models/half_plus_two/1");
    await mkdir(join(folder.path, "m"));
    await publish(folder.path, model, "m", 1);
    const config = `models:\n  m: { source: { type: filesystem, path: ./m, poll: 20ms }, policy: ${policy} }\n`;
    const serving = await serve(await writeConfig(folder.path, config), ["--io-threads", String(threads)]);
    const client = grpcClient(serving.grpc);
    const seen = new Set<unknown>();
    const failures: string[] = [];
    let answered = 0;
    let going = true;

    const fail = (text: string) => {
      if (!(gapAllowed && text.includes("Servable not found"))) failures.push(text);
    };
    const overGrpc = async () => {
      while (going) {
        try {
          const { outputs, spec } = await client.predict(
            { name: "m" },
            { x: tensor("float32", [1], Float32Array.of(8)) },
          );
          if (outputs.y?.data[0] !== 6) fail(`answered ${outputs.y?.data[0]}`);
          seen.add((spec?.versionChoice.value as { value: bigint } | undefined)?.value);
          answered++;
        } catch (error) {
          fail(String(error));
        }
      }
    };
    const overRest = async () => {
      while (going) {
        const { status, body } = await request(`${serving.rest}/v1/models/m:predict`, '{"instances": [8.0]}');
        if (status !== 200) fail(JSON.stringify(body));
        answered++;
      }
    };
    const clients = [overGrpc(), overGrpc(), overGrpc(), overGrpc(), overRest(), overRest()];
    const arrived = async (version: bigint) => {
      for (let i = 0; i < 1500 && !seen.has(version); i++) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    for (const version of [2, 3, 4]) {
      await publish(folder.path, model, "m", version);
      await arrived(BigInt(version));
      await rm(join(folder.path, "m", String(version - 1)), { recursive: true });
    }
    going = false;
    await Promise.all(clients);
    client.close();
    const { code } = await serving.stop();
    expect(failures).toEqual([]);
    expect([...seen].sort()).toEqual([1n, 2n, 3n, 4n]);
    expect(answered).toBeGreaterThan(100);
    expect(code).toBe(0);
  });
});

test("memory comes back: 20 cycles of loading and unloading a version", { timeout: 120_000 }, async () => {
  await using folder = await workFolder();
  const model = join(quickstart, "models/mnist/1");
  await mkdir(join(folder.path, "m"));
  const config = "models:\n  m: { source: { type: filesystem, path: ./m, poll: 20ms } }\n";
  const serving = await serve(await writeConfig(folder.path, config));
  const state = async (version: number) => {
    const { body } = await request(`${serving.rest}/v1/models/m/versions/${version}`);
    return (body as { model_version_status?: { state: string }[] }).model_version_status?.[0]?.state;
  };
  const reach = async (version: number, wanted: string) => {
    for (let i = 0; i < 1000 && (await state(version)) !== wanted; i++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await state(version)).toBe(wanted);
  };
  const cycle = async (version: number) => {
    await publish(folder.path, model, "m", version);
    await reach(version, "AVAILABLE");
    await rm(join(folder.path, "m", String(version)), { recursive: true });
    await reach(version, "END");
    return residentBytes(serving.pid);
  };
  const cycles = async (from: number, to: number) => {
    const sizes: number[] = [];
    for (let version = from; version <= to; version++) sizes.push(await cycle(version));
    return medianOf(sizes.slice(-5));
  };
  // The first cycles load the native libraries and fill the heaps and the allocator's pools; what counts is the rest.
  const before = await cycles(1, 15);
  const after = await cycles(16, 35);
  const mb = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  console.log(`memory with everything unloaded: ${mb(before)} after 15 cycles, ${mb(after)} after 20 more`);
  await serving.stop();
  expect(after / before).toBeLessThan(1.15);
});
