import fc from "fast-check";
import type { ServingError } from "salver";
import { describe, expect, test } from "vitest";
import { readRecords } from "../../../protos/tfrecord/read.js";
import { encodeRecord } from "../../../protos/tfrecord/write.js";

/** `bytes` in pieces of these lengths, again and again. */
async function* pieces(bytes: Uint8Array, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = lengths[i % lengths.length] ?? bytes.length;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

async function read(bytes: Uint8Array, lengths: readonly number[] = [], maxRecord?: number) {
  const records: Buffer[] = [];
  const options = maxRecord === undefined ? {} : { maxRecord };
  try {
    for await (const data of readRecords(pieces(bytes, lengths), options)) records.push(Buffer.from(data));
    return { records };
  } catch (error) {
    return { records, error: error as ServingError };
  }
}

const arrays = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 });
const file = (records: readonly Uint8Array[]) => Buffer.concat(records.map(encodeRecord));
/** Where each record begins, and where the last one ends. */
function offsetsOf(records: readonly Uint8Array[]): readonly number[] {
  const offsets = [0];
  for (const [i, { length }] of records.entries()) offsets.push(offsets[i]! + length + 16);
  return offsets;
}

describe("TFRecord", () => {
  test("what TensorFlow writes for one record", () => {
    // tf.io.TFRecordWriter of the record b"salver"
    expect(encodeRecord(Buffer.from("salver")).toString("hex")).toBe("06000000000000007369d53773616c7665725cf9c878");
  });

  test("what is written is read, however the bytes come", async () => {
    await fc.assert(
      fc.asyncProperty(
        arrays,
        fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 4 }),
        async (records, lengths) => {
          expect(await read(file(records), lengths)).toEqual({ records: records.map((each) => Buffer.from(each)) });
        },
      ),
    );
  });

  test("pieces without bytes are no end", async () => {
    async function* gaps() {
      yield new Uint8Array();
      for await (const piece of pieces(file([Buffer.from("ab")]), [5])) {
        yield piece;
        yield new Uint8Array();
      }
    }
    const records: Uint8Array[] = [];
    for await (const data of readRecords(gaps())) records.push(data);
    expect(records.map((data) => Buffer.from(data).toString())).toEqual(["ab"]);
  });

  test("a file that ends inside a record is refused with the record's offset; the records before it are read", async () => {
    await fc.assert(
      fc.asyncProperty(
        arrays.filter((all) => all.length > 0),
        fc.nat(),
        async (records, at) => {
          const whole = file(records);
          const offsets = offsetsOf(records);
          const cut = at % whole.length;
          const { records: got, error } = await read(whole.subarray(0, cut), [7]);
          const before = offsets.filter((offset) => offset <= cut).length - 1;
          expect(got).toHaveLength(before);
          if (offsets.includes(cut)) expect(error).toBeUndefined();
          else expect(error).toMatchObject({ code: "DATA_LOSS", message: `truncated record at ${offsets[before]}` });
        },
      ),
    );
  });

  test("a byte that has changed is refused with its record's offset", async () => {
    await fc.assert(
      fc.asyncProperty(
        arrays.filter((all) => all.length > 0),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (records, at, change) => {
          const bytes = file(records);
          const place = at % bytes.length;
          bytes[place]! ^= change;
          const { error } = await read(bytes);
          const offset = offsetsOf(records).findLast((each) => each <= place);
          expect(error?.code).toBe("DATA_LOSS");
          expect(error?.message).toContain(`corrupted record at ${offset}: `);
        },
      ),
    );
  });

  test("a record that is too long is refused before its bytes are taken", async () => {
    const { records, error } = await read(file([Buffer.from("short"), Buffer.alloc(20)]), [], 19);
    expect(records).toHaveLength(1);
    expect(error).toMatchObject({
      code: "RESOURCE_EXHAUSTED",
      message: "the record at 21 has 20 bytes, at most 19 are read",
    });
  });

  test("the stream is closed when the reader has enough", async () => {
    let closed = false;
    async function* endless() {
      try {
        for (;;) yield encodeRecord(Buffer.from("x"));
      } finally {
        closed = true;
      }
    }
    for await (const _ of readRecords(endless())) break;
    expect(closed).toBe(true);
  });
});
