import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { defaultLimits } from "../../../artifacts/archives/index.js";
import { type ArchiveKind, toServingError } from "../../../core/index.js";
import { paxRecord, type TarPart, tarBody, tarOf } from "../../support/tar-writer.js";
import { record, type ZipPart, zipOf } from "../../support/zip-writer.js";
import { stage } from "./stage.js";

const good = { name: "m/good.bin", bytes: "good" };

/** Each is refused by `why`, and leaves nothing anywhere. */
async function expectRefused(kind: ArchiveKind, archive: Uint8Array, why: RegExp, limits = defaultLimits) {
  await using place = await stage(kind, archive);
  const error = await place.unpack(limits).then(() => undefined, toServingError);
  expect(error?.message).toMatch(why);
  // What nobody has packed so may come right the next time; what was meant so will not.
  const damaged = /^the archive (is damaged|ends in the middle|cannot be read)/.test(error?.message ?? "");
  expect(error?.code).toBe(damaged ? "DATA_LOSS" : "INVALID_ARGUMENT");
  expect(await place.left()).toEqual({});
}

const names: readonly (readonly [attack: string, name: string, why: RegExp])[] = [
  ["a way up", "../x", /"\.\.\/x" leads out/],
  ["a way up behind a folder", "m/../../x", /leads out/],
  ["a way up that is all of it", "..", /leads out/],
  ["an absolute path", "/etc/x", /absolute/],
  ["an absolute path of Windows", "C:/x", /drive letter/],
  ["a drive's own folder", "c:x", /drive letter/],
  ["a drive letter behind a dot", "./C:/x", /drive letter/],
  ["a network path", "\\\\host\\x", /backslash/],
  ["a backslash", "m\\..\\..\\x", /backslash/],
  ["a slash too many", "m//x", /empty name/],
  ["a dot inside", "m/./x", /"\." in its path/],
  ["a line feed", "m/a\nb", /control/],
  ["an escape", "m/\u001b[2J", /"m\/\\u\{1b\}\[2J" has control/],
  ["a turned direction", "m/gpj.\u202Eexe", /invisible/],
  ["a character of no width", "m/a\u200bb", /invisible/],
  ["a byte order mark", "\ufeffm/a", /invisible/],
  ["a line separator", "m/a\u2028b", /invisible/],
  ["wide dots", "m/．．/x", /look like/],
  ["a two dot leader", "m/‥/x", /look like/],
  ["a wide slash", "m/a／b", /look like/],
  ["a wide backslash", "m/a＼b", /look like/],
  ["a name that is too long", `m/${"é".repeat(128)}`, /longer than 255/],
  ["a path that is too long", `${"a/".repeat(8)}${"b".repeat(200)}/${`${"c".repeat(200)}/`.repeat(5)}x`, /1024/],
  ["folders too deep", `${"a/".repeat(40)}x`, /deep/],
];

const pairs: readonly (readonly [attack: string, first: string, second: string, why: RegExp])[] = [
  ["the same name", "m/a", "m/a", /twice/],
  ["other letters", "m/Model.bin", "m/model.BIN", /once more/],
  ["letters that fold to two", "m/straße", "m/STRASSE", /once more/],
  ["composed and decomposed", "m/\u00e9", "m/e\u0301", /once more/],
  ["a ligature", "m/ﬁle", "m/file", /once more/],
  ["a dot at the end", "m/a", "m/a.", /once more/],
  ["a blank at the end", "m/a ", "m/a", /once more/],
  ["folders in other letters", "m/A/x", "m/a/y", /once more/],
  ["a file, then a folder", "m/a", "m/a/b", /file and a folder/],
  ["a folder, then a file", "m/a/b", "m/a", /file and a folder/],
];

type Named = { readonly name: string; readonly bytes?: string };

/** A name that does not fit into its header stands in a pax header before it. */
const withPax = (part: Named): readonly TarPart[] =>
  Buffer.byteLength(part.name) <= 100
    ? [part]
    : [
        { name: "pax", type: "x", bytes: paxRecord("path", part.name) },
        { ...part, name: "short" },
      ];

const tarred = (parts: readonly Named[]) => tarOf(parts.flatMap(withPax));
const writers: Readonly<Record<ArchiveKind, (parts: readonly Named[]) => Uint8Array>> = {
  zip: zipOf,
  tar: tarred,
  "tar.gz": (parts) => gzipSync(tarred(parts)),
};

describe.each(Object.entries(writers))("%s", (name, write) => {
  const kind = name as ArchiveKind;

  test.each(names)("refuses %s", async (_, name, why) => {
    await expectRefused(kind, write([good, { name, bytes: "x" }]), why);
  });

  test.each(pairs)("refuses %s", async (_, first, second, why) => {
    await expectRefused(kind, write([good, { name: first }, { name: second }]), why);
  });

  test("refuses more files than are allowed", async () => {
    const parts = Array.from({ length: 11 }, (_, i) => ({ name: `${i}` }));
    await expectRefused(kind, write(parts), /more than 10 files/, { ...defaultLimits, entries: 10 });
  });

  test("refuses more bytes than are allowed, in one file and in all", async () => {
    const limits = { ...defaultLimits, total: 4000 };
    await expectRefused(kind, write([good, { name: "m/a", bytes: "x".repeat(4001) }]), /4000 bytes/, limits);
    const parts = Array.from({ length: 9 }, (_, i) => ({ name: `${i}`, bytes: "x".repeat(500) }));
    await expectRefused(kind, write(parts), /4000 bytes/, limits);
  });

  test("refuses an archive that is cut anywhere", async () => {
    const whole = write([good, { name: "m/b", bytes: "b".repeat(700) }]);
    // Of a tar file, the emptiness behind its first empty block can be missing.
    const last = kind === "tar" ? whole.length - 512 : whole.length;
    for (let length = 0; length < last; length += 37) {
      await expectRefused(kind, whole.subarray(0, length), /cut short|damaged|cannot be read/);
    }
  });

  test("refuses what goes on behind its end", async () => {
    const more = Buffer.concat([write([good]), Buffer.from("more and more")]);
    await expectRefused(kind, more, /behind its end|damaged|cannot be read/);
  });

  test("refuses what is something else", async () => {
    await expectRefused(kind, Buffer.from("<html>404</html>".repeat(100)), /damaged|cannot be read/);
  });
});

describe("zip", () => {
  const refused = (parts: readonly ZipPart[], why: RegExp, options = {}) =>
    expectRefused("zip", zipOf([good, ...parts], options), why);

  test.each([
    ["a symbolic link", 0o120777, /"m\/a" is a symbolic link/],
    ["a device", 0o020666, /device/],
    ["a block device", 0o060666, /device/],
    ["a named pipe", 0o010666, /pipe/],
    ["a socket", 0o140666, /socket/],
    ["a folder without a slash", 0o040755, /file and a folder/],
  ])("refuses %s", async (_, mode, why) => {
    await refused([{ name: "m/a", bytes: "/etc", mode }], why);
  });

  test("refuses a file with a slash, and a folder with bytes", async () => {
    await refused([{ name: "m/a/", mode: 0o100644 }], /file and a folder/);
    await refused([{ name: "m/a/", bytes: "x" }], /folder with bytes/);
  });

  test.each([0x1, 0x41, 0x2000])("refuses what is encrypted, as flags %i say", async (flags) => {
    await refused([{ name: "m/a", bytes: "x", flags: 0x800 | flags, method: 0 }], /encrypt|cannot be read/);
  });

  test("refuses methods that are not its own", async () => {
    await refused([{ name: "m/a", bytes: "x", method: 14 }], /method 14/);
  });

  test("refuses a name that is no UTF-8, overlong or Latin", async () => {
    for (const bytes of [Buffer.from("2e2fc0ae", "hex"), Buffer.from("6de9", "hex"), Buffer.from("eda080", "hex")]) {
      await refused([{ name: bytes }], /no UTF-8/);
    }
  });

  test("refuses a NUL in a name", async () => {
    await refused([{ name: "m/a\0.bin" }], /"m\/a\\u\{0\}\.bin" has a NUL/);
  });

  test("refuses a name that its own header or its UTF-8 field has otherwise", async () => {
    await refused([{ name: "m/a", localName: "m/b" }], /another name/);
    const other = Buffer.from("../x");
    const extra = Buffer.concat([record([2, 0x7075], [2, 5 + other.length], [1, 1], [4, 0]), other]);
    await refused([{ name: "m/a", extra }], /second name/);
  });

  test("refuses entries that share their bytes", async () => {
    const bytes = Buffer.alloc(1000, "x");
    await refused(
      [
        { name: "m/a", bytes },
        { name: "m/b", bytes, shares: 1, localName: "m/a" },
      ],
      /another name|shares/,
    );
    await refused(
      [
        { name: "m/a", bytes },
        { name: "m/a", bytes, shares: 1 },
      ],
      /shares bytes with m\/a/,
    );
  });

  test("refuses a directory with more entries than its end says, and with fewer", async () => {
    const many = Array.from({ length: 30 }, (_, i) => ({ name: `m/${i}` }));
    await refused(many, /belong to none/, { count: 2 });
    await refused(many, /cannot be read/, { count: 40 });
  });

  test("refuses a place beyond any file, of its directory and of that directory's end", async () => {
    const archive = zipOf([good], { zip64: true });
    const locator = archive.length - 22 - 20;
    for (const at of [locator - 8, locator + 8]) {
      const far = Buffer.from(archive);
      far.fill(0xff, at, at + 8);
      await expectRefused("zip", far, /is not in it/);
    }
  });

  test("refuses bytes that are not those it announces", async () => {
    const bytes = "x".repeat(5000);
    await refused([{ name: "m/a", bytes, size: 4999 }], /"m\/a" is not of the 4999/);
    await refused([{ name: "m/a", bytes, size: 5001 }], /"m\/a" is not of the 5001/);
    await refused([{ name: "m/a", bytes, crc32: 7 }], /CRC-32/);
    await refused([{ name: "m/a", bytes, method: 0, size: 10 }], /cannot be read/);
    await refused([{ name: "m/a", bytes, packed: Buffer.from("no deflate at all") }], /damaged/);
  });

  test("stops a bomb by what comes out of it, whatever it announces", async () => {
    const limits = { ...defaultLimits, harmless: 100_000 };
    const bytes = Buffer.alloc(10_000_000);
    await expectRefused("zip", zipOf([{ name: "m/a", bytes }]), /100 times its own/, limits);
    await expectRefused("zip", zipOf([{ name: "m/a", bytes, size: 10 }]), /not of the 10 bytes/, limits);
  });
});

describe("tar", () => {
  const refused = (parts: readonly TarPart[], why: RegExp) => expectRefused("tar", tarOf([good, ...parts]), why);

  test.each([
    ["a hard link", "1", /"m\/a" is a hard link/],
    ["a symbolic link", "2", /"m\/a" is a symbolic link/],
    ["a device", "3", /device/],
    ["a block device", "4", /device/],
    ["a named pipe", "6", /pipe/],
    ["a sparse file", "S", /sparse/],
    ["a piece of a file", "M", /another archive/],
    ["a type of its own", "Z", /type "Z"/],
  ])("refuses %s", async (_, type, why) => {
    await refused([{ name: "m/a", type, link: "../../etc" }], why);
  });

  test("refuses a link with a long target", async () => {
    await refused([{ name: "././@LongLink", type: "K", bytes: "x".repeat(200) }], /is a link/);
  });

  test("refuses a way up that only the ustar prefix has", async () => {
    await refused([{ name: "x", prefix: ".." }], /"\.\.\/x" leads out/);
  });

  test("refuses a way up behind a NUL in a long name or a pax header", async () => {
    await refused([{ name: "l", type: "L", bytes: "../x\0" }, { name: "x" }], /"\.\.\/x" leads out/);
    await refused([{ name: "p", type: "x", bytes: paxRecord("path", "m/a\0b") }, { name: "x" }], /NUL/);
  });

  test("refuses a name that is no UTF-8", async () => {
    await refused([{ name: Buffer.from("6de9", "hex") }], /no UTF-8, "m\?"/);
  });

  test("refuses a folder with bytes", async () => {
    await refused([{ name: "m/a/", type: "5", bytes: "x" }], /folder with bytes/);
  });

  test("refuses headers that are damaged", async () => {
    await refused([{ name: "m/a", checksum: 1 }], /checksum/);
    await refused([{ name: "m/a", size: Buffer.from("99999999999") }], /size is "99999999999/);
    await refused([{ name: "m/a", size: Buffer.from("80ffffffffffffffffffffff", "hex") }], /size is/);
    await refused([{ name: "m/a", size: Buffer.from("ffffffffffffffffffffffff", "hex") }], /size is/);
  });

  test("refuses a size beyond the file", async () => {
    await refused([{ name: "m/a", size: 1_000_000 }], /cut short/);
  });

  test.each([
    ["no length", "path=x\n"],
    ["a length beyond it", "99 path=x\n"],
    ["a length that ends elsewhere", "8 path=x\n"],
    ["a length of nothing", "0 path=x\n"],
    ["no value", "8 path x\n"],
    ["a size that is none", paxRecord("size", "-1")],
    ["a size of other digits", paxRecord("size", "0x10")],
  ])("refuses a pax header with %s", async (_, bytes) => {
    await refused([{ name: "p", type: "x", bytes }, { name: "x" }], /pax header cannot be read/);
  });

  test("refuses a path or a size for all, a sparse file of pax, and headers without end", async () => {
    await refused([{ name: "g", type: "g", bytes: paxRecord("path", "x") }, { name: "x" }], /one path for all/);
    await refused([{ name: "x", type: "x", bytes: paxRecord("GNU.sparse.major", "1") }, { name: "x" }], /sparse/);
    await refused([{ name: "x", type: "x", bytes: "x".repeat(70_000) }, { name: "x" }], /header of 70000 bytes/);
  });

  test("refuses an entry behind its end", async () => {
    const archive = Buffer.concat([tarOf([good]), tarOf([{ name: "m/a" }])]);
    await expectRefused("tar", archive, /behind its end/);
  });

  test("stops a bomb by what comes out of it, be it emptiness or headers", async () => {
    const limits = { ...defaultLimits, harmless: 100_000 };
    const bomb = gzipSync(tarOf([{ name: "m/a", bytes: Buffer.alloc(10_000_000) }]));
    await expectRefused("tar.gz", bomb, /100 times its own/, limits);
    await expectRefused(
      "tar.gz",
      gzipSync(Buffer.concat([tarOf([good]), Buffer.alloc(10_000_000)])),
      /100 times/,
      limits,
    );
    const comment = { name: "p", type: "x", bytes: paxRecord("comment", "c".repeat(60_000)) };
    const headers = tarBody(Array.from({ length: 100 }, () => comment));
    await expectRefused("tar.gz", gzipSync(headers), /100 times/, limits);
  });
});
