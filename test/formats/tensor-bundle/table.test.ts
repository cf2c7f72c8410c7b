import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isServingError } from "../../../core/index.js";
import { readTable } from "../../../formats/tensor-bundle/table.js";
import { writeTable } from "./bundle/table-writer.js";

const entries = fc
  .uniqueArray(fc.tuple(fc.uint8Array({ maxLength: 12 }), fc.uint8Array({ maxLength: 40 })), {
    maxLength: 20,
    selector: ([key]) => Buffer.from(key).toString("latin1"),
  })
  .map((list) =>
    list
      .map(([key, value]) => [Buffer.from(key), Buffer.from(value)] as const)
      .sort(([a], [b]) => Buffer.compare(a, b)),
  );
const options = fc.record({
  compress: fc.boolean(),
  perBlock: fc.integer({ min: 1, max: 6 }),
  restartEvery: fc.integer({ min: 1, max: 4 }),
});
const read = (bytes: Uint8Array) =>
  [...readTable(bytes, "t.index")].map(([key, value]) => [key, Buffer.from(value).toString("latin1")]);

const FOOTER = 48;

function refusal(bytes: Uint8Array): unknown {
  try {
    return read(bytes);
  } catch (error) {
    return isServingError(error) && error.code === "DATA_LOSS" && error.message.includes("t.index") ? "refused" : error;
  }
}

describe("a table of the variables index", () => {
  it("gives back what was written, compressed or not, however it is cut into blocks", () => {
    fc.assert(
      fc.property(entries, options, (list, how) => {
        const wanted = list.map(([key, value]) => [key.toString("latin1"), value.toString("latin1")]);
        expect(read(writeTable(list, how))).toEqual(wanted);
      }),
    );
  });

  it("refuses every truncation", () => {
    fc.assert(
      fc.property(
        entries,
        options,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (list, how, part) => {
          const bytes = writeTable(list, how);
          expect(refusal(bytes.subarray(0, Math.floor(part * bytes.length)))).toBe("refused");
        },
      ),
    );
  });

  it("never gives other entries when a byte changes, and never fails in another way", () => {
    fc.assert(
      fc.property(entries, options, fc.nat(), fc.integer({ min: 1, max: 255 }), (list, how, at, flip) => {
        const bytes = writeTable(list, how);
        const before = read(bytes);
        bytes[at % (bytes.length - FOOTER)]! ^= flip;
        const after = refusal(bytes);
        // Blocks that are not read, such as the one of metadata, may hold anything.
        if (after !== "refused") expect(after).toEqual(before);
      }),
    );
  });

  it("refuses a changed byte of an entry", () => {
    const bytes = writeTable([[Buffer.from("key"), Buffer.from("value")]]);
    bytes[bytes.indexOf("value")]! ^= 1;
    expect(refusal(bytes)).toBe("refused");
  });

  it("refuses a compressed block that announces far more than it holds, without making room for it", () => {
    const bytes = writeTable([[Buffer.from("a"), Buffer.alloc(5000, 7)]], { compress: true });
    const bomb = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]);
    bomb.copy(bytes, 0);
    expect(refusal(bytes)).toBe("refused");
  });
});
