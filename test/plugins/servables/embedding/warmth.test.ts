import { describe, expect, test } from "vitest";
import type { FileMapping } from "../../../../plugins/runtimes/native/index.js";
import type { MatrixParts } from "../../../../plugins/servables/embedding/table/matrix.js";
import { warmthOf } from "../../../../plugins/servables/embedding/table/warmth.js";

const PAGE = 4096;
/** A row of 3000 bytes that begins 100 bytes into the file: some rows lie on two pages. */
const [OFFSET, WIDTH, ROWS] = [100, 750, 8];

function mappingOf(pages: Uint8Array | undefined): FileMapping {
  return {
    address: 0n,
    length: OFFSET + ROWS * WIDTH * 4,
    pageSize: PAGE,
    residency: async () => pages?.slice(),
    [Symbol.asyncDispose]: async () => {},
  };
}

const parts: MatrixParts = { dtype: "float32", rows: ROWS, width: WIDTH, memory: new SharedArrayBuffer(0) };
const warmthFor = (pages: Uint8Array | undefined) => warmthOf(mappingOf(pages), OFFSET, parts);

describe("which rows are in memory", () => {
  test("those whose pages all are", async () => {
    const warmth = await warmthFor(Uint8Array.of(1, 0, 1, 1, 1, 1));
    expect(warmth.of(Int32Array.of(0, -1))).toBe("warm");
    expect(warmth.of(Int32Array.of(1))).toBe("cold");
    expect(warmth.of(Int32Array.of(0, 7, 2))).toBe("cold");
    expect(warmth.ofAll()).toBe("cold");
  });

  test("those that were looked at, on each of their pages", async () => {
    const warmth = await warmthFor(new Uint8Array(6));
    warmth.touched(Int32Array.of(1, -1));
    expect(warmth.of(Int32Array.of(1, 0))).toBe("warm");
    expect(warmth.of(Int32Array.of(3))).toBe("cold");
  });

  test("all, once all were looked at", async () => {
    const warmth = await warmthFor(new Uint8Array(6));
    warmth.touchedAll();
    expect(warmth.ofAll()).toBe("warm");
    expect(warmth.of(Int32Array.from({ length: ROWS }, (_, row) => row))).toBe("warm");
  });

  test("is unknown where the system does not tell", async () => {
    const warmth = await warmthFor(undefined);
    warmth.touchedAll();
    warmth.touched(Int32Array.of(1));
    expect([warmth.of(Int32Array.of(1)), warmth.ofAll()]).toEqual(["unknown", "unknown"]);
  });
});
