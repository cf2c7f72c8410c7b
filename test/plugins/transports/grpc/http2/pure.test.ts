import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RequestMemory } from "../../../../../core/index.js";
import { createPurse } from "../../../../../plugins/transports/grpc/engines/http2/guards.js";
import {
  addBytes,
  addPrefix,
  isPrefixed,
  lengthOf,
  newPartial,
} from "../../../../../plugins/transports/grpc/engines/http2/partial-message.js";
import { percentEncode } from "../../../../../plugins/transports/grpc/engines/http2/percent-encoding.js";
import { createGreeter } from "../../../../../plugins/transports/grpc/engines/http2/preface.js";
import { defaultSettings, readSettings } from "../../../../../plugins/transports/grpc/engines/http2/settings.js";
import { readTimeout } from "../../../../../plugins/transports/grpc/engines/http2/timeout.js";
import { increment, LARGEST_WINDOW, widened } from "../../../../../plugins/transports/grpc/engines/http2/windows.js";

describe("windows", () => {
  const window = fc.integer({ min: -LARGEST_WINDOW, max: LARGEST_WINDOW });

  test("widen exactly, or not at all", () => {
    fc.assert(
      fc.property(window, fc.integer({ min: -LARGEST_WINDOW, max: LARGEST_WINDOW }), (from, by) => {
        const sum = BigInt(from) + BigInt(by);
        expect(widened(from, by)).toBe(sum > 2n ** 31n - 1n ? undefined : Number(sum));
      }),
    );
  });

  test("may be as large as the protocol has them, and not larger", () => {
    expect(widened(LARGEST_WINDOW - 1, 1)).toBe(LARGEST_WINDOW);
    expect(widened(LARGEST_WINDOW, 1)).toBeUndefined();
  });

  test("are filled again in time: never more than full, never less than half without a word", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 24 }),
        fc.array(fc.integer({ min: 0, max: 2 ** 24 })),
        (full, uses) => {
          let left = full;
          for (const use of uses) {
            left -= Math.min(use, left);
            left += increment(left, full);
            expect(left).toBeLessThanOrEqual(full);
            expect(left).toBeGreaterThanOrEqual(full / 2);
          }
        },
      ),
    );
  });
});

describe("grpc-timeout", () => {
  test.each([
    ["1H", 3_600_000],
    ["2M", 120_000],
    ["3S", 3000],
    ["99999999m", 99_999_999],
    ["1500u", 1.5],
    ["1n", 1e-6],
    ["0S", 0],
    ["", undefined],
    ["1", undefined],
    ["S", undefined],
    ["123456789S", undefined],
    ["-1S", undefined],
    ["1s", undefined],
    ["1 S", undefined],
    ["1SS", undefined],
  ])("%j is %s ms", (text, milliseconds) => {
    expect(readTimeout(text)).toBe(milliseconds);
  });
});

describe("grpc-message", () => {
  test("comes back whole, and is a value that a header may have", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const encoded = percentEncode(text);
        expect(encoded).toMatch(/^([!-~]([ -~]*[!-~])?)?$/);
        expect(decodeURIComponent(encoded)).toBe(text);
      }),
    );
  });

  test("leaves readable text as it is", () => {
    expect(percentEncode("model m, version 7: it's [1,2]!")).toBe("model m, version 7: it's [1,2]!");
    expect(percentEncode("100 %")).toBe("100%20%25");
  });
});

describe("the preface", () => {
  const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  test.each([
    ["PRI * HTTP/2.0", "incomplete"],
    [PREFACE, "http2"],
    ["GET / HTTP/1.1", "http1"],
    ["POST /", "http1"],
    ["PRI * HTTP/1.1", "http1"],
    ["\x16\x03\x01", "unknown"],
  ])("%j is %s", (text, kind) => {
    expect(createGreeter()(Buffer.from(text, "latin1")).kind).toBe(kind);
  });

  test("is found however it is cut, and what follows is kept", () => {
    const bytes = Buffer.from(`${PREFACE}rest`);
    for (let at = 0; at < bytes.length; at++) {
      const greet = createGreeter();
      const first = greet(bytes.subarray(0, at));
      const then = first.kind === "incomplete" ? greet(bytes.subarray(at)) : first;
      expect(then.kind).toBe("http2");
      const rest = then.kind === "http2" ? then.rest.toString() : "";
      expect(first.kind === "incomplete" ? rest : rest + bytes.subarray(at)).toBe("rest");
    }
  });
});

test("a message is put together from any pieces", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.integer({ min: 1, max: 50 })), (content, sizes) => {
      const bytes = Buffer.concat([Buffer.of(1, 0, 0, content.length >>> 8, content.length), content]);
      const partial = newPartial();
      let pos = 0;
      for (const size of [...sizes, ...new Array(bytes.length).fill(1)]) {
        const end = Math.min(bytes.length, pos + size);
        if (!isPrefixed(partial)) pos = addPrefix(partial, bytes, pos, end);
        if (isPrefixed(partial)) pos = addBytes(partial, new RequestMemory(), bytes, pos, end);
        expect(pos).toBe(end);
      }
      expect(lengthOf(partial)).toBe(content.length);
      expect(Buffer.compare(partial.bytes, content)).toBe(0);
    }),
  );
});

test("a length of a gigabyte that is only announced takes 64 KiB", () => {
  const partial = newPartial();
  addPrefix(partial, Buffer.of(0, 0x40, 0, 0, 0), 0, 5);
  addBytes(partial, new RequestMemory(), Buffer.of(1), 0, 1);
  expect(partial.bytes.length).toBe(64 * 1024);
});

describe("a purse", () => {
  test("is empty after its coins, and fills again with time", () => {
    let now = 0;
    const purse = createPurse("too much", 3, 2, () => now);
    const spends = (count: number) => {
      for (let i = 0; i < count; i++) purse.spend();
    };
    spends(3);
    expect(() => purse.spend()).toThrow("too much");
    now = 1000;
    spends(2);
    expect(() => purse.spend()).toThrow("too much");
    purse.earn(100);
    spends(3);
    expect(() => purse.spend()).toThrow("too much");
  });
});

describe("SETTINGS", () => {
  const entry = (id: number, value: number) => {
    const bytes = Buffer.alloc(6);
    bytes.writeUInt16BE(id, 0);
    bytes.writeUInt32BE(value, 2);
    return bytes;
  };
  const read = (...entries: readonly Buffer[]) => {
    const settings = defaultSettings();
    const bytes = Buffer.concat(entries);
    readSettings(settings, bytes, 0, bytes.length);
    return settings;
  };

  test("are taken in their order, unknown ones left aside", () => {
    expect(read(entry(1, 0), entry(4, 5), entry(4, 7), entry(5, 20_000), entry(99, 1), entry(3, 0))).toEqual({
      headerTable: 0,
      initialWindow: 7,
      maxFrame: 20_000,
    });
  });

  test.each([
    ["ENABLE_PUSH of 2", entry(2, 2), 1],
    ["a window of 2^31", entry(4, 2 ** 31), 3],
    ["frames of 16383", entry(5, 16_383), 1],
    ["frames of 2^24", entry(5, 2 ** 24), 1],
    ["five bytes", Buffer.alloc(5), 6],
  ])("%s are refused", (_, bytes, code) => {
    expect(() => read(bytes)).toThrow(expect.objectContaining({ code }));
  });
});
