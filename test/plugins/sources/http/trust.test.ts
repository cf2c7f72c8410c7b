import { generateKeyPairSync, sign } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { readSightings } from "salver/testing";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Lookup } from "../../../../plugins/sources/http/agents.js";
import { treeOf } from "../../../artifacts/archives/stage.js";
import { type ArtifactServer, artifactServer } from "../../../support/artifact-server.js";
import { certificates } from "../../../support/certificates.js";
import { forwardProxy } from "../../../support/forward-proxy.js";
import { publicPem, type SourceAt, sha256, signed, sourceAt } from "./stage.js";

const never = new AbortController().signal;
const versions = (...entries: Record<string, unknown>[]) => JSON.stringify({ versions: entries });
const one = versions({ version: 1, url: "a.bin" });

/** A server with version 1, a single file. */
async function place(settings = {}): Promise<ArtifactServer> {
  const server = await artifactServer(settings);
  server.files.set("/versions.json", one).set("/a.bin", "A");
  return server;
}

async function complaint({ log }: SourceAt): Promise<string> {
  const found = () => log.lines.find(({ level }) => level === "error");
  while (!found()) await new Promise(setImmediate);
  return found()?.message ?? "";
}

/** Redirects each request to what `to` makes of its path. */
const redirect = (server: ArtifactServer, to: (path: string) => string | undefined, status = 302) => {
  server.handler = ({ url = "" }, response) => {
    const location = to(url);
    if (location !== undefined) response.writeHead(status, { location }).end("moved");
    return location !== undefined;
  };
};

async function firstTree(at: SourceAt) {
  await using sightings = readSightings(at.source);
  const [artifact] = await sightings.until(1n);
  return treeOf((await artifact?.open(never)) ?? "");
}

describe("redirects", () => {
  test.each([301, 302, 303, 307, 308])("on its own host are followed: %i", async (status) => {
    await using server = await place();
    server.files.set("/there/versions.json", one).set("/there/a.bin", "A");
    server.files.delete("/versions.json");
    redirect(server, (path) => (path.startsWith("/there") ? undefined : `/there${path}`), status);
    await using at = await sourceAt({ url: `${server.origin}/versions.json` });
    expect(await firstTree(at)).toEqual({ "a.bin": "A" });
  });

  test("without end are left", async () => {
    await using server = await place();
    redirect(server, (path) => `${path}x`);
    await using at = await sourceAt({ url: `${server.origin}/versions.json` });
    await using _ = readSightings(at.source);
    expect(await complaint(at)).toMatch(/more than 5 redirects/);
    expect(server.asked.filter(({ path }) => /jsonx{5}$/.test(path))).not.toEqual([]);
    expect(server.asked.filter(({ path }) => /jsonx{6}$/.test(path))).toEqual([]);
  });

  test("to nowhere are said so", async () => {
    await using server = await place();
    server.handler = (_, response) => response.writeHead(302).end() !== undefined;
    await using at = await sourceAt({ url: `${server.origin}/versions.json` });
    await using _ = readSightings(at.source);
    expect(await complaint(at)).toMatch(/redirects to nowhere/);
  });

  test.each([
    ["another port of loopback", (port: number) => `http://127.0.0.1:${port}/versions.json`],
    ["this machine's name", (port: number) => `http://localhost:${port}/versions.json`],
    ["an odd spelling", (port: number) => `http://2130706433:${port}/versions.json`],
    ["the metadata address", () => "http://169.254.169.254/latest/meta-data/"],
    ["another kind", () => "file:///etc/passwd"],
  ])("to %s are refused", async (_, to) => {
    await using server = await place();
    await using secret = await place();
    redirect(server, () => to(secret.port));
    await using at = await sourceAt({ url: `${server.origin}/versions.json` });
    await using _sightings = readSightings(at.source);
    expect(await complaint(at)).toMatch(/is on another host|is of the kind/);
    expect(secret.asked).toEqual([]);
  });

  test("of a file are refused likewise, and its version fails alone", async () => {
    await using server = await place();
    await using secret = await place();
    redirect(server, (path) => (path === "/a.bin" ? `${secret.origin}/a.bin` : undefined));
    await using at = await sourceAt({ url: `${server.origin}/versions.json` });
    await using sightings = readSightings(at.source);
    const [artifact] = await sightings.until(1n);
    await expect(artifact?.open(never)).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
    expect(secret.asked).toEqual([]);
  });

  test("to a host of allow are followed, without the headers from the config", async () => {
    await using server = await place();
    await using other = await place();
    redirect(server, (path) => `${other.origin}${path}`);
    const headers = { Authorization: "Basic secret", "X-Key": "secret" };
    await using at = await sourceAt({
      url: `${server.origin}/versions.json`,
      allow: [`127.0.0.1:${other.port}`],
      headers,
    });
    expect(await firstTree(at)).toEqual({ "a.bin": "A" });
    expect(server.asked[0]?.headers).toMatchObject({ authorization: "Basic secret", "x-key": "secret" });
    expect(other.asked.length).toBeGreaterThan(1);
    for (const { headers } of other.asked) expect(JSON.stringify(headers)).not.toMatch(/secret/);
  });
});

describe("URLs of a manifest", () => {
  test.each([
    ["another host", "https://elsewhere.example.com/a.bin", /is on another host/],
    ["loopback on another port", "http://127.0.0.1:1/a.bin", /is on another host/],
    ["another kind", "ftp://127.0.0.1/a.bin", /"ftp:"/],
    ["a user", "http://me:pass@127.0.0.1/a.bin", /a user or a password/],
    ["no URL at all", "http://[/a.bin", /is no URL/],
  ])("to %s are refused, and the other versions are offered", async (_, url, why) => {
    await using server = await place();
    server.files.set("/versions.json", versions({ version: 1, url }, { version: 2, url: "a.bin" }));
    await using at = await sourceAt({ url: `${server.origin}/versions.json` });
    await using sightings = readSightings(at.source);
    const [wrong, right] = (await sightings.until(1n, 2n)).toSorted((a, b) => Number(a.version - b.version));
    await expect(wrong?.open(never)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(why),
    });
    expect(await treeOf((await right?.open(never)) ?? "")).toEqual({ "a.bin": "A" });
  });
});

describe("addresses", () => {
  /** Names that lead to this machine; each lookup of one takes its next address. */
  const names =
    (known: Record<string, string[]>): Lookup =>
    (hostname, _, answer) => {
      const addresses = known[hostname] ?? [];
      const address = (addresses.length > 1 ? addresses.shift() : addresses[0]) ?? "";
      answer(null, [{ address, family: 4 }]);
    };

  test("a name of allow that means this machine is not connected to, unless allowPrivate says so", async () => {
    await using server = await place();
    await using other = await place();
    redirect(server, (path) => `http://cdn.example.com:${other.port}${path}`);
    const written = {
      url: `http://models.example.com:${server.port}/versions.json`,
      allow: [`cdn.example.com:${other.port}`],
    };
    await using proxy = await forwardProxy(() => `127.0.0.1:${server.port}`);
    const lookup = names({ "cdn.example.com": ["127.0.0.1"] });
    // The configured name is known to nobody but the proxy.
    vi.stubEnv("NO_PROXY", "cdn.example.com");
    await using at = await sourceAt({ ...written, proxy: proxy.url }, { lookup });
    await using _ = readSightings(at.source);
    expect(await complaint(at)).toMatch(/cdn\.example\.com has the address 127\.0\.0\.1, .*allowPrivate/);
    expect(other.asked).toEqual([]);
  });

  test("a name that means another address a moment later is looked at when it is connected to", async () => {
    await using server = await place();
    await using other = await place();
    redirect(server, (path) => `http://cdn.example.com:${other.port}${path}`);
    const written = {
      url: `http://models.example.com:${server.port}/versions.json`,
      allow: [`cdn.example.com:${other.port}`],
    };
    await using proxy = await forwardProxy(() => `127.0.0.1:${server.port}`);
    vi.stubEnv("NO_PROXY", "cdn.example.com");
    // A public address for documentation first: nobody answers there. Then this machine's own.
    const lookup = names({ "cdn.example.com": ["192.0.2.1", "127.0.0.1"] });
    await using at = await sourceAt({ ...written, proxy: proxy.url, timeout: "200ms" }, { lookup });
    await using _ = readSightings(at.source);
    const refused = () => at.log.lines.some(({ message }) => /has the address 127\.0\.0\.1/.test(message));
    while (!refused()) await new Promise(setImmediate);
    expect(other.asked).toEqual([]);
  });

  afterEach(() => {
    vi.unstubAllEnvs();
  });
});

describe("headers", () => {
  test("come from the environment and from files, anew each time", async () => {
    await using server = await place();
    vi.stubEnv("SALVER_TEST_TOKEN", "first");
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: this is how an option names a secret
    const secrets = { token: "${env:SALVER_TEST_TOKEN}", headers: { "X-Key": "${file:key.txt}" } };
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: this is how an option names a secret
    await using at = await sourceAt({ url: `${server.origin}/versions.json`, ...secrets });
    writeFileSync(join(at.folder, "key.txt"), "k1\n");
    await using sightings = readSightings(at.source);
    await sightings.until(1n);
    expect(server.asked[0]?.headers).toMatchObject({ authorization: "Bearer first", "x-key": "k1" });
    vi.stubEnv("SALVER_TEST_TOKEN", "second");
    const last = () => server.asked.at(-1)?.headers.authorization;
    while (last() !== "Bearer second") await new Promise(setImmediate);
    vi.unstubAllEnvs();
    expect(JSON.stringify(at.log.lines)).not.toMatch(/first|second|k1/);
  });

  test.each([
    [401, "UNAUTHENTICATED", /who asks/],
    [403, "PERMISSION_DENIED", /does not allow/],
  ])("that are not accepted: %i", async (status, code, why) => {
    await using server = await place();
    server.handler = (_, response) => response.writeHead(status).end() !== undefined;
    await using at = await sourceAt({ url: `${server.origin}/versions.json` });
    await using _ = readSightings(at.source);
    expect(await complaint(at)).toMatch(why);
    expect(at.log.lines.find(({ level }) => level === "error")?.fields).toMatchObject({ code });
  });
});

describe("TLS", () => {
  test("by an authority of its own, which is needed", async () => {
    await using server = await place({ tls: true });
    const url = `${server.origin}/versions.json`;
    await using stranger = await sourceAt({ url });
    await using _ = readSightings(stranger.source);
    expect(await complaint(stranger)).toMatch(/certificate/);
    expect(server.asked).toEqual([]);
    await using at = await sourceAt({ url, ca: certificates.ca });
    expect(await firstTree(at)).toEqual({ "a.bin": "A" });
  });

  test("is not left by a redirect", async () => {
    await using server = await place({ tls: true });
    await using plain = await place();
    redirect(server, (path) => `${plain.origin}${path}`);
    const allow = [`127.0.0.1:${plain.port}`];
    await using at = await sourceAt({ url: `${server.origin}/versions.json`, ca: certificates.ca, allow });
    await using _ = readSightings(at.source);
    expect(await complaint(at)).toMatch(/from https to http/);
    expect(plain.asked).toEqual([]);
  });
});

describe("proxies", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test("of the options: http is forwarded, with the user that the URL names", async () => {
    await using server = await place();
    await using proxy = await forwardProxy();
    vi.stubEnv("NO_PROXY", "");
    const through = proxy.url.replace("//", "//me:secret@");
    await using at = await sourceAt({ url: `${server.origin}/versions.json`, proxy: through });
    expect(await firstTree(at)).toEqual({ "a.bin": "A" });
    expect(proxy.requests).toContain(`GET ${server.origin}/a.bin`);
    expect(new Set(proxy.credentials)).toEqual(new Set([`Basic ${Buffer.from("me:secret").toString("base64")}`]));
  });

  test("of the environment: https is tunneled, and stays secret to the proxy", async () => {
    await using server = await place({ tls: true });
    await using proxy = await forwardProxy();
    vi.stubEnv("NO_PROXY", "");
    vi.stubEnv("HTTPS_PROXY", proxy.url);
    await using at = await sourceAt({ url: `${server.origin}/versions.json`, ca: certificates.ca });
    expect(await firstTree(at)).toEqual({ "a.bin": "A" });
    expect(new Set(proxy.requests)).toEqual(new Set([`CONNECT 127.0.0.1:${server.port}`]));
  });

  test("are not used for hosts of NO_PROXY, nor with false", async () => {
    await using server = await place();
    await using proxy = await forwardProxy();
    vi.stubEnv("HTTP_PROXY", proxy.url);
    vi.stubEnv("NO_PROXY", "127.0.0.1");
    await using exempt = await sourceAt({ url: `${server.origin}/versions.json` });
    expect(await firstTree(exempt)).toEqual({ "a.bin": "A" });
    vi.stubEnv("NO_PROXY", "");
    await using none = await sourceAt({ url: `${server.origin}/versions.json`, proxy: false });
    expect(await firstTree(none)).toEqual({ "a.bin": "A" });
    expect(proxy.requests).toEqual([]);
  });

  test("that are not there are named", async () => {
    await using server = await place();
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, "127.0.0.1", resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    await using at = await sourceAt({ url: `${server.origin}/versions.json`, proxy: `http://127.0.0.1:${port}` });
    await using _ = readSightings(at.source);
    expect(await complaint(at)).toMatch(new RegExp(`ECONNREFUSED 127.0.0.1:${port}`));
  });
});

describe("signatures", () => {
  const signature = { keys: [publicPem] };
  const good = versions({ version: 1, url: "a.bin", sha256: sha256("A") });
  const put = (server: ArtifactServer, text: string, sig: string | Uint8Array | undefined) => {
    server.files.set("/versions.json", text);
    if (sig === undefined) server.files.delete("/versions.json.sig");
    else server.files.set("/versions.json.sig", sig);
  };

  test("of a configured key: taken, in base64 and as bytes", async () => {
    await using server = await place();
    for (const sig of [signed(good), Buffer.from(signed(good), "base64")]) {
      put(server, good, sig);
      await using at = await sourceAt({ url: `${server.origin}/versions.json`, signature });
      expect(await firstTree(at)).toEqual({ "a.bin": "A" });
    }
  });

  const stranger = generateKeyPairSync("ed25519");
  const newer = versions(
    { version: 1, url: "a.bin", sha256: sha256("A") },
    { version: 2, url: "a.bin", sha256: sha256("A") },
  );
  test.each([
    ["none", undefined, /is not signed: there is no .*versions\.json\.sig/],
    ["one of the manifest before", signed(good), /by none of the 1 configured keys/],
    ["a stranger's", sign(undefined, Buffer.from(newer), stranger.privateKey), /by none of the 1/],
    ["no signature", "hello", /has 5 bytes/],
  ])("%s: what serves goes on serving, said once, and passes", async (_, sig, why) => {
    await using server = await place();
    put(server, good, signed(good));
    await using at = await sourceAt({ url: `${server.origin}/versions.json`, signature });
    await using sightings = readSightings(at.source);
    await sightings.until(1n);
    put(server, newer, sig);
    expect(await complaint(at)).toMatch(why);
    const asked = server.asked.length;
    while (server.asked.length < asked + 6) await new Promise(setImmediate);
    expect(at.log.lines.filter(({ level }) => level === "error")).toHaveLength(1);
    expect(sightings.seen).toHaveLength(1);
    put(server, newer, signed(newer));
    await sightings.until(1n, 2n);
  });

  test("a new key beside the old one, and the old one alone", async () => {
    await using server = await place();
    const next = generateKeyPairSync("ed25519");
    put(server, good, sign(undefined, Buffer.from(good), next.privateKey));
    const raw = next.publicKey.export({ type: "spki", format: "der" }).subarray(-32).toString("base64");
    await using both = await sourceAt({ url: `${server.origin}/versions.json`, signature: { keys: [publicPem, raw] } });
    expect(await firstTree(both)).toEqual({ "a.bin": "A" });
    await using old = await sourceAt({ url: `${server.origin}/versions.json`, signature });
    await using _ = readSightings(old.source);
    expect(await complaint(old)).toMatch(/by none of the 1/);
  });

  test("say nothing of a file without a sum: its version is refused", async () => {
    await using server = await place();
    const text = versions({ version: 1, url: "a.bin" }, { version: 2, url: "a.bin", sha256: sha256("A") });
    put(server, text, signed(text));
    await using at = await sourceAt({ url: `${server.origin}/versions.json`, signature });
    await using sightings = readSightings(at.source);
    const artifacts = await sightings.until(1n, 2n);
    const wrong = artifacts.find(({ version }) => version === 1n);
    await expect(wrong?.open(never)).rejects.toMatchObject({
      message: expect.stringMatching(/version 1 .* no sha256/),
    });
  });

  test("say what the bytes are: others are refused", async () => {
    await using server = await place();
    put(server, good, signed(good));
    server.files.set("/a.bin", "B");
    await using at = await sourceAt({ url: `${server.origin}/versions.json`, signature });
    await using sightings = readSightings(at.source);
    const [artifact] = await sightings.until(1n);
    await expect(artifact?.open(never)).rejects.toMatchObject({ code: "DATA_LOSS" });
  });

  test("cannot be of an index", async () => {
    await using server = await place();
    server.files.set("/ctr/1/a", "A");
    await using at = await sourceAt({ url: `${server.origin}/ctr/`, signature });
    await using _ = readSightings(at.source);
    expect(await complaint(at)).toMatch(/directory index, which nobody can sign/);
  });
});
