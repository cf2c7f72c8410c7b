import { strings, type Tensor, tensor } from "salver";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openText, run, specOf } from "../support/open.js";

const spec = specOf("x: string", "op: image, from: x, to: y, size: [2, 2]");

async function withSharp(test: (png: Uint8Array, jpeg: Uint8Array) => Promise<void>, skip: (reason: string) => void) {
  const sharp = await import("sharp").then(
    (module) => module.default,
    () => undefined,
  );
  if (!sharp) return skip("sharp is not installed");
  const gray = sharp({ create: { width: 64, height: 64, channels: 3, background: "#808080" } });
  await test(await gray.clone().png().toBuffer(), await gray.clone().jpeg().toBuffer());
}

const images = (...items: readonly Uint8Array[]): Tensor => tensor("string", [items.length], items as Uint8Array[]);

afterEach(() => {
  vi.doUnmock("sharp");
  vi.resetModules();
});

describe("images", () => {
  it("come with their pixels, each row its own", async ({ skip }) => {
    await withSharp(async (png, jpeg) => {
      await using servable = await openText(spec);
      const { y } = await run(servable, { x: images(png, jpeg) });
      expect(y!.shape).toEqual([2, 2, 2, 3]);
      expect([...(y!.data as Float32Array)]).toEqual(new Array(24).fill(128));
    }, skip);
  });

  it("that cannot be read are refused with their row", async ({ skip }) => {
    await withSharp(async (png, jpeg) => {
      await using servable = await openText(spec);
      const broken: readonly Uint8Array[] = [
        png.subarray(0, png.length - 40),
        jpeg.subarray(0, jpeg.length / 2),
        new Uint8Array(),
        Buffer.from("no image"),
        // Its size in the header is more than it has.
        Buffer.concat([png.subarray(0, 16), Buffer.from([0x7f, 0xff, 0xff, 0xff]), png.subarray(20)]),
      ];
      for (const bytes of broken) {
        await expect(run(servable, { x: images(png, bytes) })).rejects.toMatchObject({
          code: "INVALID_ARGUMENT",
          message: expect.stringMatching(/^steps\[0\] \(image\), row 1: no image that can be read: ./),
        });
      }
      // What went wrong with others does not stay.
      expect((await run(servable, { x: images(png) })).y!.shape).toEqual([1, 2, 2, 3]);
    }, skip);
  });

  it("of more pixels than may be are refused before they are decoded", async ({ skip }) => {
    await withSharp(async (png) => {
      await using servable = await openText(spec.replace("size:", "maxPixels: 4095, size:"));
      await expect(run(servable, { x: images(png) })).rejects.toThrow(/row 0: .*pixel limit/);
    }, skip);
  });

  it("without sharp: the version is refused, with the command that installs it", async () => {
    vi.resetModules();
    vi.doMock("sharp", () => {
      throw new Error("Cannot find package 'sharp'");
    });
    const fresh = await import("../support/open.js");
    await expect(fresh.openText(spec)).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      message: expect.stringMatching(
        /transform\.yaml:3:\d+ steps\[0\]\.op: images need the package sharp: npm install sharp \(./,
      ),
    });
    // Others go on.
    await using other = await fresh.openText(specOf("x: string", "op: hash, from: x, to: y, buckets: 3"));
    expect((await fresh.run(other, { x: strings(["a"]) })).y!.shape).toEqual([1]);
  });
});
