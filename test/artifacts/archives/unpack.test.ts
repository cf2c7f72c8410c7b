import { Buffer } from "node:buffer";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { Header, Pax } from "tar";
import { describe, expect, test } from "vitest";
import { unpack } from "../../../artifacts/archives/index.js";
import type { ArchiveKind } from "../../../core/index.js";
import { padding, paxRecord, tarOf } from "../../support/tar-writer.js";
import { zipOf } from "../../support/zip-writer.js";
import { stage, treeOf } from "./stage.js";

const fixtures = new URL("../../fixtures/archives/", import.meta.url);
const long = `größe/${"n".repeat(120)}.txt`;
const packed = {
  "saved_model.pb": "graph",
  "fingerprint.pb": "",
  "variables/variables.data": "weights weights weights weights",
};

test("archives of the tools that people use", async () => {
  const names = (await readdir(fixtures)).filter((name) => !name.endsWith(".md"));
  expect(names.length).toBeGreaterThan(9);
  for (const name of names) {
    const kind = name.endsWith(".zip") ? "zip" : "tar.gz";
    await using place = await stage(kind, await readFile(new URL(name, fixtures)));
    await place.unpack();
    const found = await treeOf(place.into);
    const small = /^(ustar|v7)/.test(name);
    const folders = /^(stored|streamed)/.test(name) ? {} : { "assets/empty/": "" };
    expect(found, name).toEqual({ ...packed, ...folders, ...(!small && { [long]: "\u00c3\u00bc" }) });
  }
});

/** Trees of files, each name once whatever its letters. */
const tree = fc
  .uniqueArray(
    fc.tuple(
      fc.array(fc.stringMatching(/^[a-z0-9_-]{1,12}$/), { minLength: 1, maxLength: 4 }),
      fc.uint8Array({ maxLength: 3000 }),
    ),
    { selector: ([path]) => path.join("/"), maxLength: 12 },
  )
  .map((files) => files.filter(([path]) => !files.some(([other]) => isInside(path.join("/"), other.join("/")))))
  .map((files) => files.map(([path, bytes]) => ({ name: path.join("/"), bytes })));

const isInside = (folder: string, path: string) => path.startsWith(`${folder}/`);

/** A tar file by the package that most of Node's tools use. */
function byPackage(files: readonly { readonly name: string; readonly bytes: Uint8Array }[]): Buffer {
  const parts = files.flatMap(({ name, bytes }) => {
    const fields = { path: name, size: bytes.length, mode: 0o600, type: "File", mtime: new Date(0) } as const;
    const header = new Header(fields);
    const block = Buffer.alloc(512);
    const needsPax = header.encode(block);
    return [...(needsPax ? [new Pax(fields).encode()] : []), block, Buffer.from(bytes), padding(bytes.length)];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

type Files = readonly { readonly name: string; readonly bytes: Uint8Array }[];
const writers: Readonly<Record<string, readonly [ArchiveKind, (files: Files) => Uint8Array]>> = {
  "zip, deflated": ["zip", (files) => zipOf(files)],
  "zip, stored, zip64": [
    "zip",
    (files) =>
      zipOf(
        files.map((file) => ({ ...file, method: 0 })),
        { zip64: true },
      ),
  ],
  "zip with a comment": ["zip", (files) => zipOf(files, { comment: "made by hand" })],
  tar: ["tar", byPackage],
  "tar by hand": ["tar", (files) => tarOf(files)],
  "tar.gz": ["tar.gz", (files) => gzipSync(byPackage(files))],
  "tar.gz of several members": ["tar.gz", inMembers],
};

function inMembers(files: Files): Buffer {
  const whole = byPackage(files);
  const middle = whole.length >> 1;
  return Buffer.concat([gzipSync(whole.subarray(0, middle)), gzipSync(whole.subarray(middle))]);
}

describe.each(Object.entries(writers))("%s", (_, [kind, write]) => {
  test("what is packed comes out", async () => {
    await fc.assert(
      fc.asyncProperty(tree, async (files) => {
        await using place = await stage(kind, write([{ name: "beside.txt", bytes: Buffer.from("x") }, ...files]));
        await place.unpack();
        const wanted = files.map(({ name, bytes }) => [name, Buffer.from(bytes).toString("latin1")]);
        expect(await treeOf(place.into)).toEqual({ ...Object.fromEntries(wanted), "beside.txt": "x" });
      }),
      { numRuns: 25 },
    );
  });

  test("a single folder at the top is left out, once", async () => {
    await using place = await stage(kind, write([{ name: "ctr/3/a", bytes: Buffer.from("a") }]));
    await place.unpack();
    expect(await treeOf(place.into)).toEqual({ "3/a": "a" });
  });

  test("a single file at the top is not", async () => {
    await using place = await stage(kind, write([{ name: "model.onnx", bytes: Buffer.from("a") }]));
    await place.unpack();
    expect(await treeOf(place.into)).toEqual({ "model.onnx": "a" });
  });

  test("nothing is left when it is aborted before or in the middle", async () => {
    const files = Array.from({ length: 30 }, (_, i) => ({ name: `m/${i}`, bytes: Buffer.alloc(50_000, i) }));
    await using place = await stage(kind, write(files));
    await expect(place.unpack(undefined, AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
    const end = new AbortController();
    const work = place.unpack(undefined, end.signal);
    while ((await readdir(place.into).catch(() => [])).length === 0) await new Promise(setImmediate);
    end.abort(new Error("enough"));
    await expect(work).rejects.toThrow("enough");
    expect(await place.left()).toEqual({});
  });
});

test("a folder that has files keeps them, and is not written over", async () => {
  await using place = await stage("zip", zipOf([{ name: "a", bytes: "new" }]));
  await mkdir(place.into);
  await writeFile(join(place.into, "b"), "kept");
  await place.unpack();
  expect(await treeOf(place.into)).toEqual({ a: "new", b: "kept" });
  await expect(place.unpack()).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: expect.stringMatching(/has "a", which is there/),
  });
  await symlink("nowhere", join(place.into, "c"));
  expect(await treeOf(place.into)).toEqual({ a: "new", b: "kept", c: "neither file nor folder" });
});

test("files are not made executable, or anybody's to write", async () => {
  await using place = await stage("zip", zipOf([{ name: "a", bytes: "x", mode: 0o104777 }]));
  await place.unpack();
  const { mode } = await (await import("node:fs/promises")).stat(join(place.into, "a"));
  expect(mode & 0o7133).toBe(0);
});

test("sizes and names beyond a header's room", async () => {
  const name = `${"d".repeat(150)}/${"f".repeat(200)}`;
  const wide = Buffer.alloc(12);
  wide[0] = 0x80;
  wide[11] = 3;
  const archive = tarOf([
    { name: "pax_global_header", type: "g", bytes: paxRecord("comment", "by git") },
    { name: "././@LongLink", type: "L", bytes: `${name}\0`, magic: "ustar " },
    { name: name.slice(0, 100), bytes: "long", magic: "ustar " },
    { name: "wide", bytes: "abc", size: wide },
    { name: "pax", type: "x", bytes: paxRecord("path", "größe") + paxRecord("size", "5") + paxRecord("mtime", "1.5") },
    { name: "short", bytes: "12345", size: 0 },
    { name: "b", prefix: "a/dir", bytes: "prefixed" },
  ]);
  await using place = await stage("tar", archive);
  await place.unpack();
  expect(await treeOf(place.into)).toEqual({
    [name]: "long",
    wide: "abc",
    größe: "12345",
    "a/dir/b": "prefixed",
  });
});

test("an archive that is not there is the system's error", async () => {
  await using place = await stage("zip", Buffer.alloc(0));
  const work = unpack({ kind: "zip", file: join(place.root, "none") }, place.into, new AbortController().signal);
  await expect(work).rejects.toMatchObject({ code: "ENOENT" });
  expect(await place.left()).toEqual({});
});

test("a tar file that ends after one empty block is whole", async () => {
  const whole = gunzipSync(await readFile(new URL("ustar.tar.gz", fixtures)));
  const end = whole.findLastIndex((byte) => byte !== 0);
  await using place = await stage("tar", whole.subarray(0, Math.ceil(end / 512) * 512 + 512));
  await place.unpack();
  expect(await treeOf(place.into)).toMatchObject(packed);
});
