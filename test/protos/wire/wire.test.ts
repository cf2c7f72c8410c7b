import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isServingError } from "../../../core/index.js";
import {
  createReader,
  readBool,
  readBytes,
  readInt32,
  readInt64,
  readMessage,
  readSafeInt64,
  readString,
  readTag,
  readVarint,
  skip,
} from "../../../protos/wire/reader.js";
import * as wire from "../../../protos/wire/writer.js";

const int32 = fc.oneof(fc.integer(), fc.constantFrom(-1, 0, 127, 128, 2 ** 31 - 1, -(2 ** 31)));
const powers = Array.from({ length: 64 }, (_, i) => 2n ** BigInt(i));
const edges = powers.flatMap((power) => [power - 1n, power, -power]).map((value) => BigInt.asIntN(64, value));
const int64 = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.constantFrom(...edges));
const field = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 2 ** 29 - 1 }));

const same = (ours: Uint8Array, theirs: Uint8Array) =>
  expect(Buffer.from(ours).toString("hex")).toBe(Buffer.from(theirs).toString("hex"));

describe("the writer", () => {
  it("writes numbers as the generated code's writer does", () => {
    fc.assert(
      fc.property(field, int32, int64, fc.float(), fc.double(), (no, small, large, single, real) => {
        const theirs = new BinaryWriter();
        theirs.tag(no, WireType.Varint).int32(small).tag(no, WireType.Varint).int64(large);
        theirs.tag(no, WireType.Bit32).float(single).tag(no, WireType.Bit64).double(real);
        const ours = [wire.varint(no, small), wire.varint(no, large), wire.float(no, single), wire.double(no, real)];
        same(wire.encodeMessage(ours), theirs.finish());
      }),
    );
  });

  it("writes and reads numbers of every length", () => {
    for (const edge of edges) {
      const bytes = wire.encodeMessage([wire.varint(1, edge), wire.packed64(2, BigInt64Array.of(edge))]);
      const theirs = new BinaryWriter().tag(1, WireType.Varint).int64(edge).tag(2, WireType.LengthDelimited).fork();
      same(bytes, theirs.int64(edge).join().finish());
      const reader = createReader(bytes);
      readTag(reader);
      expect(readInt64(reader)).toBe(edge);
    }
  });

  it("writes whole numbers beyond 32 bits, negative ones too", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        same(
          wire.encodeMessage([wire.varint(1, value)]),
          new BinaryWriter().tag(1, WireType.Varint).int64(value).finish(),
        );
      }),
    );
  });

  it("writes texts, bytes, packed lists and messages in messages", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 200 }),
        fc.uint8Array({ maxLength: 200 }),
        fc.array(int32),
        fc.array(int64),
        (text, bytes, smalls, larges) => {
          const theirs = new BinaryWriter();
          theirs.tag(1, WireType.LengthDelimited).string(text).tag(2, WireType.LengthDelimited).fork();
          theirs.tag(1, WireType.LengthDelimited).bytes(bytes).tag(2, WireType.LengthDelimited).fork();
          for (const small of smalls) theirs.int32(small);
          theirs.join().tag(3, WireType.LengthDelimited).fork();
          for (const large of larges) theirs.int64(large);
          theirs.join().join();
          const inner = [wire.bytes(1, bytes), wire.packed(2, smalls), wire.packed64(3, BigInt64Array.from(larges))];
          same(wire.encodeMessage([wire.string(1, text), wire.message(2, inner)]), theirs.finish());
        },
      ),
    );
  });
});

describe("the reader", () => {
  it("reads what the generated code's writer wrote", () => {
    fc.assert(
      fc.property(
        field,
        int32,
        int64,
        fc.string({ unit: "grapheme" }),
        fc.boolean(),
        (no, small, large, text, flag) => {
          const theirs = new BinaryWriter().tag(no, WireType.LengthDelimited).fork();
          theirs.int32(small).int64(large).int64(large).bool(flag).string(text).join();
          const reader = createReader(theirs.finish());
          expect(readTag(reader) >>> 3).toBe(no);
          const inner = readMessage(reader);
          expect(readInt32(inner)).toBe(small);
          expect(readInt64(inner)).toBe(large);
          expect(readSafeInt64(inner)).toBe(Number.isSafeInteger(Number(large)) ? Number(large) : Number.NaN);
          expect(readBool(inner)).toBe(flag);
          expect(readString(inner)).toBe(text);
          expect(inner.pos).toBe(inner.end);
          expect(readTag(reader)).toBe(0);
        },
      ),
    );
  });

  it("skips what the generated code's reader skips, groups included, to the same place", () => {
    const theirs = new BinaryWriter();
    theirs
      .tag(5, WireType.StartGroup)
      .tag(1, WireType.Varint)
      .uint64(2n ** 63n);
    theirs.tag(2, WireType.StartGroup).tag(3, WireType.Bit64).double(1).tag(2, WireType.EndGroup);
    theirs.tag(4, WireType.Bit32).float(1).tag(5, WireType.EndGroup).tag(6, WireType.Varint).bool(true);
    const bytes = theirs.finish();
    const reader = createReader(bytes);
    skip(reader, readTag(reader));
    const reference = new BinaryReader(bytes);
    const [number, type] = reference.tag();
    reference.skip(type, number);
    expect(reader.pos).toBe(reference.pos);
    expect(readTag(reader) >>> 3).toBe(6);
  });

  it("keeps a byte order mark and reads bytes as a view", () => {
    const bytes = wire.encodeMessage([wire.string(1, "\u{feff}a"), wire.bytes(2, new Uint8Array([7]))]);
    const reader = createReader(bytes);
    readTag(reader);
    expect(readString(reader)).toBe("\u{feff}a");
    readTag(reader);
    expect(readBytes(reader).buffer).toBe(bytes.buffer);
  });

  it.each([
    ["a number without an end", [0x80, 0x80], readVarint, "byte 0: the message ends inside a number"],
    ["a number of 11 bytes", new Array(11).fill(0x80), readVarint, "byte 0: a number of more than 10 bytes"],
    ["a length beyond the end", [5, 1, 2], readBytes, "byte 1: 5 bytes are announced, 2 are left"],
    ["a length of 2^35", [0x80, 0x80, 0x80, 0x80, 0x80, 1], readBytes, "34359738368 bytes are announced, 0 are left"],
    ["field number 0", [0x02], readTag, "a field number that cannot be"],
    ["a field number beyond 29 bits", [0xff, 0xff, 0xff, 0xff, 0xff, 1], readTag, "a field number that cannot be"],
    ["a text that is not UTF-8", [2, 0xc3, 0x28], readString, "a text that is not UTF-8"],
    ["a group without an end", [0x0b, 0x10, 1], (r) => skip(r, readTag(r)), "ends inside a group"],
    ["an end without a group", [0x0c], (r) => skip(r, readTag(r)), "wire type 4"],
    ["a wire type that does not exist", [0x0f], (r) => skip(r, readTag(r)), "wire type 7"],
  ] satisfies [string, number[], (reader: ReturnType<typeof createReader>) => unknown, string][])(
    "refuses %s",
    (_, bytes, read, message) => {
      let caught: unknown;
      try {
        read(createReader(Uint8Array.from(bytes)));
      } catch (error) {
        caught = error;
      }
      expect(isServingError(caught) && caught.code).toBe("INVALID_ARGUMENT");
      expect(String(caught)).toContain(message);
    },
  );
});
