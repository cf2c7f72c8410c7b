import fc from "fast-check";
import { expect, test } from "vitest";
import { readWord2vecBinary, readWord2vecText, type Word2vecFile } from "../../../formats/word2vec/word2vec.js";

type Row = readonly [word: string, vector: readonly number[]];

const word = fc.stringMatching(/^[a-zéß東_]{1,12}$/);
const tables = fc.integer({ min: 1, max: 5 }).chain((width) => {
  const numbers = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: width, maxLength: width });
  return fc.record({
    width: fc.constant(width),
    rows: fc.array(fc.tuple(word, numbers), { minLength: 1, maxLength: 12 }),
  });
});

/** The bytes in pieces of a few bytes each, all in the same memory, as a reader of files gives them. */
function* inPieces(bytes: Uint8Array, length: number): Generator<Uint8Array> {
  const piece = new Uint8Array(length);
  for (let at = 0; at < bytes.length; at += length) {
    const part = bytes.subarray(at, at + length);
    piece.set(part);
    yield piece.subarray(0, part.length);
  }
}

function readAll(read: typeof readWord2vecText, file: Word2vecFile): Row[] {
  const rows: Row[] = [];
  read(file, () => (bytes, vector) => rows.push([new TextDecoder().decode(bytes), Array.from(vector)]));
  return rows;
}

const written = {
  text: (rows: readonly Row[], width: number) =>
    Buffer.from(`${rows.length} ${width}\n${rows.map(([name, vector]) => `${name} ${vector.join(" ")}\n`).join("")}`),
  binary: (rows: readonly Row[], width: number) =>
    Buffer.concat([
      Buffer.from(`${rows.length} ${width}\n`),
      ...rows.flatMap(([name, vector]) => [Buffer.from(`${name} `), new Uint8Array(Float32Array.from(vector).buffer)]),
    ]),
};

test.each([
  ["text", readWord2vecText],
  ["binary", readWord2vecBinary],
] as const)("%s is read in pieces of any length", (format, read) => {
  fc.assert(
    fc.property(tables, fc.integer({ min: 1, max: 40 }), ({ width, rows }, length) => {
      const bytes = written[format](rows, width);
      const got = readAll(read, { pieces: inPieces(bytes, length), size: bytes.length, what: "words" });
      // A text has no sign of zero.
      const plain = (all: readonly Row[]) => all.map(([name, vector]) => [name, vector.map((each) => each + 0)]);
      expect(plain(got)).toEqual(plain(rows));
    }),
  );
});

test("any file is read or refused by its name", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 60 }),
      fc.constantFrom(readWord2vecText, readWord2vecBinary),
      (tail, read) => {
        const bytes = Buffer.concat([Buffer.from("2 2\n"), tail]);
        try {
          readAll(read, { pieces: [bytes], size: bytes.length, what: "words" });
        } catch (error) {
          expect(error).toMatchObject({ code: "DATA_LOSS", message: expect.stringMatching(/^words/) });
        }
      },
    ),
  );
});
