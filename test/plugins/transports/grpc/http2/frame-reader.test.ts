import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Flag, Type } from "../../../../../plugins/transports/grpc/engines/http2/frames/layout.js";
import { createFrameReader } from "../../../../../plugins/transports/grpc/engines/http2/frames/reader.js";
import { writeHead } from "../../../../../plugins/transports/grpc/engines/http2/frames/writer.js";

const MAX = 100;

type Frame = { readonly type: number; readonly flags: number; readonly stream: number; readonly payload: string };

/** What a reader says of these pieces: each frame with its payload, DATA without its padding. */
function read(pieces: readonly Buffer[]): Frame[] {
  const frames: Frame[] = [];
  let data: Frame | undefined;
  const reader = createFrameReader(
    {
      frame: (type, flags, stream, bytes, start, end) => {
        expect(data).toBeUndefined();
        frames.push({ type, flags, stream, payload: bytes.toString("hex", start, end) });
      },
      dataBegins: (stream, flags) => {
        expect(data).toBeUndefined();
        data = { type: Type.DATA, flags, stream, payload: "" };
      },
      data: (bytes, start, end) => {
        expect(end).toBeGreaterThan(start);
        data = { ...data!, payload: data!.payload + bytes.toString("hex", start, end) };
      },
      dataEnds: () => {
        frames.push(data!);
        data = undefined;
      },
    },
    MAX,
  );
  for (const piece of pieces) reader(piece);
  return frames;
}

function bytesOf(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(9 + payload.length);
  bytes.set(payload, writeHead(bytes, 0, payload.length, type, flags, stream));
  return bytes;
}

const id = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const content = fc.uint8Array({ maxLength: 40 });
const other = fc
  .record({ type: fc.integer({ min: 1, max: 255 }), flags: fc.integer({ min: 0, max: 255 }), id, content })
  .map(({ type, flags, id, content }) => ({
    bytes: bytesOf(type, flags, id, content),
    frame: { type, flags, stream: id, payload: Buffer.from(content).toString("hex") },
  }));
const dataFrame = fc
  .record({ end: fc.boolean(), id, content, padding: fc.option(fc.integer({ min: 0, max: 50 })) })
  .map(({ end, id, content, padding }) => {
    const flags = (end ? Flag.END_STREAM : 0) | (padding === null ? 0 : Flag.PADDED);
    const payload = padding === null ? content : Buffer.concat([Buffer.of(padding), content, Buffer.alloc(padding)]);
    return {
      bytes: bytesOf(Type.DATA, flags, id, payload),
      frame: { type: Type.DATA, flags, stream: id, payload: Buffer.from(content).toString("hex") },
    };
  });

/** `bytes` cut at these places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => Math.floor(place * bytes.length)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
}

test("frames are read the same, however their bytes are cut", () => {
  const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }));
  fc.assert(
    fc.property(fc.array(fc.oneof(other, dataFrame)), places, (frames, at) => {
      const bytes = Buffer.concat(frames.map((each) => each.bytes));
      const expected = frames.map(({ frame }) => frame);
      expect(read(cut(bytes, at))).toEqual(expected);
      expect(read([...bytes].map((byte) => Buffer.of(byte)))).toEqual(expected);
    }),
  );
});

describe("what cannot be a frame is refused as soon as its head is there", () => {
  test.each([
    ["one that is too long", bytesOf(Type.HEADERS, 0, 1, Buffer.alloc(MAX + 1)).subarray(0, 9), "FRAME_SIZE"],
    ["DATA that is too long", bytesOf(Type.DATA, 0, 1, Buffer.alloc(MAX + 1)).subarray(0, 9), "FRAME_SIZE"],
    ["padding without its length", bytesOf(Type.DATA, Flag.PADDED, 1, Buffer.alloc(0)), "FRAME_SIZE"],
    ["more padding than frame", bytesOf(Type.DATA, Flag.PADDED, 1, Buffer.of(3, 1, 2)), "PROTOCOL"],
  ])("%s", (_, bytes, code) => {
    for (const pieces of [[bytes], [...bytes].map((byte) => Buffer.of(byte))]) {
      expect(() => read(pieces)).toThrow(expect.objectContaining({ code: code === "PROTOCOL" ? 1 : 6 }));
    }
  });
});
