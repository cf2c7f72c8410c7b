import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { isServingError } from "salver";
import { describe, expect, test } from "vitest";
import type { ArchiveKind } from "../../../core/index.js";
import { paxRecord, tarOf } from "../../support/tar-writer.js";
import { zipOf } from "../../support/zip-writer.js";
import { stage } from "./stage.js";

const parts = [{ name: "m/a.bin", bytes: "aaaa".repeat(50) }, { name: "m/sub/b.bin", bytes: "b" }, { name: "m/sub/" }];
const archives: Readonly<Record<string, readonly [ArchiveKind, Buffer]>> = {
  zip: ["zip", zipOf(parts)],
  "zip, stored, zip64": [
    "zip",
    zipOf(
      parts.map((part) => ({ ...part, method: 0 })),
      { zip64: true, comment: "c" },
    ),
  ],
  tar: ["tar", tarOf([{ name: "p", type: "x", bytes: paxRecord("path", "m/pax") }, ...parts])],
  "tar.gz": ["tar.gz", gzipSync(tarOf(parts))],
};

/** Some bytes of it are others. */
const damaged = (archive: Buffer) =>
  fc
    .array(fc.tuple(fc.nat(archive.length - 1), fc.oneof(fc.nat(255), fc.constantFrom(0, 255, 0x2f, 0x2e))), {
      maxLength: 4,
    })
    .map((changes) => {
      const other = Buffer.from(archive);
      for (const [at, byte] of changes) other[at] = byte;
      return other;
    });

describe.each(Object.entries(archives))("%s", (_, [kind, archive]) => {
  test("with bytes that are others: unpacked, or refused with nothing left", async () => {
    await fc.assert(
      fc.asyncProperty(damaged(archive), async (other) => {
        await using place = await stage(kind, other);
        const error = await place.unpack().then(
          () => undefined,
          (error: unknown) => error,
        );
        const left = Object.keys(await place.left());
        if (error === undefined) for (const path of left) expect(path).toMatch(/^into\//);
        else {
          expect(error).toSatisfy(isServingError);
          expect(error).toMatchObject({ code: expect.stringMatching(/^(INVALID_ARGUMENT|DATA_LOSS)$/) });
          expect(left).toEqual([]);
        }
      }),
      { numRuns: 60 },
    );
  });
});
