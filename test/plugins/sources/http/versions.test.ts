import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { readSightings } from "salver/testing";
import { describe, expect, test } from "vitest";
import { treeOf } from "../../../artifacts/archives/stage.js";
import { artifactServer, etagOf } from "../../../support/artifact-server.js";
import { tarOf } from "../../../support/tar-writer.js";
import { zipOf } from "../../../support/zip-writer.js";
import { sha256, sourceAt } from "./stage.js";

const never = new AbortController().signal;
const inside = [
  { name: "ctr/saved_model.pb", bytes: "graph" },
  { name: "ctr/variables/data", bytes: "weights" },
];
const unpacked = { "saved_model.pb": "graph", "variables/data": "weights" };
const archives = {
  "3.zip": zipOf(inside),
  "3.tar": tarOf(inside),
  "3.tar.gz": gzipSync(tarOf(inside)),
  "3.tgz": gzipSync(tarOf(inside)),
};

describe("by a manifest", () => {
  test.each(Object.entries(archives))("%s is unpacked", async (name, bytes) => {
    await using server = await artifactServer();
    server.files.set(`/ctr/${name}`, bytes);
    const entry = { version: "3", url: name, size: bytes.length, sha256: sha256(bytes) };
    server.files.set("/ctr/versions.json", JSON.stringify({ versions: [entry] }));
    await using at = await sourceAt({ url: `${server.origin}/ctr/versions.json` });
    await using sightings = readSightings(at.source);
    const [artifact] = await sightings.until(3n);
    expect(artifact?.uri).toBe(`${server.origin}/ctr/${name}`);
    expect(await treeOf((await artifact?.open(never)) ?? "")).toEqual(unpacked);
  });

  test("a single file is a version, and so are files, also of elsewhere on the host", async () => {
    await using server = await artifactServer();
    server.files.set("/m/model.onnx", "onnx").set("/blobs/a", "A").set("/m/b%20", "B");
    const files = [
      { path: "a.bin", url: "/blobs/a" },
      { path: "x/b.bin", url: `${server.origin}/m/b%2520`, size: 1, sha256: sha256("B") },
    ];
    const versions = [
      { version: 1, url: "model.onnx" },
      { version: 2, files },
    ];
    server.files.set("/m/versions.json", JSON.stringify({ versions }));
    await using at = await sourceAt({ url: `${server.origin}/m/versions.json` });
    await using sightings = readSightings(at.source);
    const artifacts = await sightings.until(1n, 2n);
    const paths = await Promise.all(artifacts.map((each) => each.open(never)));
    expect(await treeOf(paths[0] ?? "")).toEqual({ "model.onnx": "onnx" });
    expect(await treeOf(paths[1] ?? "")).toEqual({ "a.bin": "A", "x/b.bin": "B" });
  });

  test("one that has not changed comes once", async () => {
    for (const datesOnly of [false, true]) {
      await using server = await artifactServer({ datesOnly });
      const text = JSON.stringify({ versions: [{ version: 1, url: "a.onnx" }] });
      server.files.set("/versions.json", text);
      await using at = await sourceAt({ url: `${server.origin}/versions.json` });
      await using sightings = readSightings(at.source);
      await sightings.until(1n);
      while (server.asked.length < 5) await new Promise(setImmediate);
      const headers = server.asked.slice(1).map((each) => each.headers);
      if (datesOnly) for (const each of headers) expect(each["if-modified-since"]).toBeTruthy();
      else for (const each of headers) expect(each["if-none-match"]).toBe(etagOf(text));
      server.files.set("/versions.json", JSON.stringify({ versions: [] }));
      await sightings.until();
    }
  });

  test.each([
    ["is no JSON", "oops", /versions\.json is no JSON/],
    ["is a page to log in", '<html><title>Log in</title><a href="x">x</a>', /versions\.json is no JSON/],
    ["is a list of something", '[{ "name": "1", "type": "directory" }]', /is no list of versions/],
    ["is of another shape", '{"models": []}', /versions\.json is no list of versions: /],
    ["is no UTF-8", Buffer.from("7b22ff227d", "hex"), /not UTF-8/],
    ["is an empty object", "{}", /is no list of versions/],
    ["is an empty list", "[]", /is no list of versions/],
    ["breaks off", '{"versions":[{"version":1,"url":"a.on', /is no JSON/],
    ["is empty", "", /is no JSON/],
    ["is too long", `{"versions": [${" ".repeat(9 * 2 ** 20)}]}`, /longer than/],
  ])("one that %s changes nothing", async (_, content, why) => {
    await using server = await artifactServer();
    const good = JSON.stringify({ versions: [{ version: 1, url: "a.onnx" }] });
    server.files.set("/versions.json", good);
    await using at = await sourceAt({ url: `${server.origin}/versions.json` });
    await using sightings = readSightings(at.source);
    await sightings.until(1n);
    server.files.set("/versions.json", content);
    while (!at.log.lines.some(({ level }) => level === "error")) await new Promise(setImmediate);
    expect(at.log.lines.find(({ level }) => level === "error")?.message).toMatch(why);
    server.files.set(
      "/versions.json",
      JSON.stringify({
        versions: [
          { version: 1, url: "a.onnx" },
          { version: 2, url: "b" },
        ],
      }),
    );
    await sightings.until(1n, 2n);
    expect(sightings.seen).toHaveLength(2);
  });

  test.each(["[]", "[", "{}", "<html><title>Index of /</title></html>"])(
    "under a name of its own, %s in its place changes nothing",
    async (content) => {
      await using server = await artifactServer();
      server.files.set("/ctr", JSON.stringify({ versions: [{ version: 1, url: "a.onnx" }] }));
      await using at = await sourceAt({ url: `${server.origin}/ctr` });
      await using sightings = readSightings(at.source);
      await sightings.until(1n);
      server.files.set("/ctr", content);
      while (!at.log.lines.some(({ level }) => level === "error")) await new Promise(setImmediate);
      expect(sightings.seen).toHaveLength(1);
    },
  );

  test("one that is packed though nobody asked is refused", async () => {
    await using server = await artifactServer();
    server.handler = (_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync('{"versions":[]}'));
      return true;
    };
    await using at = await sourceAt({ url: `${server.origin}/versions.json` });
    await using _ = readSightings(at.source);
    while (at.log.lines.length === 0) await new Promise(setImmediate);
    expect(at.log.lines[0]?.message).toMatch(/comes as gzip/);
  });

  test("a hostile archive fails its version, and leaves nothing", async () => {
    await using server = await artifactServer();
    server.files.set("/1.zip", zipOf([{ name: "../../evil", bytes: "x" }]));
    server.files.set("/versions.json", JSON.stringify({ versions: [{ version: 1, url: "1.zip" }] }));
    await using at = await sourceAt({ url: `${server.origin}/versions.json` });
    await using sightings = readSightings(at.source);
    const [artifact] = await sightings.until(1n);
    await expect(artifact?.open(never)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(/"\.\.\/\.\.\/evil" leads out/),
    });
    const left = await readdir(at.folder, { recursive: true });
    expect(left.filter((name) => /evil|unpacking/.test(name))).toEqual([]);
  });
});

describe.each(["nginx", "apache", "json"] as const)("by the index of %s", (index) => {
  test.each(Object.entries(archives))("%s is unpacked", async (name, bytes) => {
    await using server = await artifactServer({ index });
    server.files.set(`/ctr/${name}`, bytes).set("/ctr/notes.txt", "x").set("/ctr/v4.zip", "x");
    await using at = await sourceAt({ url: `${server.origin}/ctr/` });
    await using sightings = readSightings(at.source);
    const [artifact] = await sightings.until(3n);
    expect(await treeOf((await artifact?.open(never)) ?? "")).toEqual(unpacked);
  });

  test("folders are walked, whatever the names in them", async () => {
    await using server = await artifactServer({ index });
    const files = {
      "a b&c.bin": "1",
      "größe/100%.txt": "2",
      "deep/er/and/deeper/x": "3",
      "empty.txt": "",
      "#?.x": "4",
    };
    for (const [name, text] of Object.entries(files)) server.files.set(`/ctr/0007/${name}`, text);
    await using at = await sourceAt({ url: `${server.origin}/ctr/` });
    await using sightings = readSightings(at.source);
    const [artifact] = await sightings.until(7n);
    const path = (await artifact?.open(never)) ?? "";
    for (const [name, text] of Object.entries(files)) expect(await readFile(join(path, name), "utf8")).toBe(text);
  });

  test("the folder without its slash, which redirects there", async () => {
    await using server = await artifactServer({ index });
    server.files.set("/ctr/1/a", "A");
    server.handler = ({ url }, response) => {
      if (url === "/ctr") response.writeHead(301, { location: `${server.origin}/ctr/` }).end();
      return url === "/ctr";
    };
    await using at = await sourceAt({ url: `${server.origin}/ctr` });
    await using sightings = readSightings(at.source);
    const [artifact] = await sightings.until(1n);
    expect(await treeOf((await artifact?.open(never)) ?? "")).toEqual({ a: "A" });
  });
});

describe("by an index", () => {
  test("a version that is settled is not walked at each look, and walked again when an open finds it changed", async () => {
    await using server = await artifactServer();
    server.files.set("/1/a", "A");
    await using at = await sourceAt({ url: `${server.origin}/`, poll: "1s", recheck: "1h" });
    await using sightings = readSightings(at.source);
    const [artifact] = await sightings.until(1n);
    const walks = () => server.asked.filter(({ path }) => path === "/1/").length;
    const looks = () => server.asked.filter(({ path }) => path === "/").length;
    const some = async () => {
      for (const goal = looks() + 5; looks() < goal; ) await new Promise(setImmediate);
    };
    expect(walks()).toBe(2);
    await some();
    expect(walks()).toBe(2);
    server.files.set("/1/a", "B");
    await some();
    expect(walks()).toBe(2);
    await expect(artifact?.open(never)).rejects.toMatchObject({ code: "ABORTED" });
    for (const known = walks(); walks() < known + 2; ) await new Promise(setImmediate);
    await some();
    expect(await treeOf((await artifact?.open(never)) ?? "")).toEqual({ a: "B" });
  });

  test.each<[string, readonly string[], RegExp]>([
    ["names that are one", ["/1/a", "/1/A"], /the name "[aA]" in it has the name/],
    ["an invisible name", ["/1/a\u200b"], /invisible/],
    ["a backslash", ["/1/a\\b"], /backslash/],
    ["no file at all", [], /no files/],
    ["folders without end", [`/1/${"x/".repeat(40)}a`], /deep/],
  ])("a version with %s is refused, and the others are offered", async (_, paths, why) => {
    await using server = await artifactServer();
    server.files.set("/2/a", "A");
    for (const path of paths) server.files.set(path, "x");
    if (paths.length === 0) {
      const page = `<title>Index of /</title><a href="1/">1/</a><a href="2/">2/</a>`;
      server.handler = ({ url }, response) => {
        if (url === "/") response.end(page);
        if (url === "/1/") response.end("<html><h1>Index of /1/</h1>");
        return url === "/" || url === "/1/";
      };
    }
    await using at = await sourceAt({ url: `${server.origin}/` });
    await using sightings = readSightings(at.source);
    const [wrong, right] = (await sightings.until(1n, 2n)).toSorted((a, b) => Number(a.version - b.version));
    await expect(wrong?.open(never)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(why),
    });
    expect(await treeOf((await right?.open(never)) ?? "")).toEqual({ a: "A" });
  });

  test.each(["<html><title>Log in</title><a href='x'>x</a>", "<html></html>", "[{}]", "{}", ""])(
    "what is no index changes nothing: %s",
    async (page) => {
      await using server = await artifactServer();
      server.files.set("/1/a", "A");
      await using at = await sourceAt({ url: `${server.origin}/` });
      await using sightings = readSightings(at.source);
      await sightings.until(1n);
      server.handler = (_, response) => response.writeHead(200).end(page) !== undefined;
      while (!at.log.lines.some(({ level }) => level === "error")) await new Promise(setImmediate);
      server.handler = undefined;
      server.files.set("/2/a", "A");
      await sightings.until(1n, 2n);
      expect(sightings.seen).toHaveLength(2);
    },
  );

  test("a server that does not know HEAD", async () => {
    await using server = await artifactServer();
    server.files.set("/1/a", "A");
    server.handler = ({ method }, response) => {
      if (method === "HEAD") response.writeHead(405).end();
      return method === "HEAD";
    };
    await using at = await sourceAt({ url: `${server.origin}/` });
    await using sightings = readSightings(at.source);
    const [artifact] = await sightings.until(1n);
    expect(await treeOf((await artifact?.open(never)) ?? "")).toEqual({ a: "A" });
  });
});
