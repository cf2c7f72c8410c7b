import fc from "fast-check";
import { expect, test } from "vitest";
import { readNpyHeader } from "../../../formats/npy/header.js";

function headerOf(dictionary: string, version = 1): Buffer {
  const start = Buffer.from(
    [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0, 0, 0, 0, 0].slice(0, version === 1 ? 10 : 12),
  );
  if (version === 1) start.writeUInt16LE(dictionary.length, 8);
  else start.writeUInt32LE(dictionary.length, 8);
  return Buffer.concat([start, Buffer.from(dictionary)]);
}

test.each([
  [1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }\n", "float32", [3, 4], false, 48],
  [2, "{'shape': (7,), 'fortran_order': True, 'descr': '<f8'}", "float64", [7], true, 56],
  [3, "{'descr': '|i1', 'fortran_order': False, 'shape': ()}", "int8", [], false, 1],
])("version %i: %s", (version, dictionary, dtype, shape, fortran, length) => {
  const header = readNpyHeader(headerOf(dictionary, version), "x.npy");
  expect(header).toEqual({ dtype, shape, fortran, length, offset: dictionary.length + (version === 1 ? 10 : 12) });
});

test.each([
  ["{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,)}", "structured elements"],
  ["{'descr': '<U7', 'fortran_order': False, 'shape': (3,)}", "NumPy's type <U7"],
  ["{'descr': '|O', 'fortran_order': False, 'shape': (3,)}", "NumPy's type |O"],
  ["{'descr': '<f4', 'shape': (3,)}", "says not what it holds"],
  ["{'descr': '<f4', 'fortran_order': False, 'shape': (9007199254740993, 2)}", "declares the shape"],
])("%s is refused", (dictionary, message) => {
  expect(() => readNpyHeader(headerOf(dictionary), "x.npy")).toThrow(message);
});

test("any bytes are read or refused by their name", () => {
  const good = headerOf("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }\n");
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 }), fc.nat(good.length), (at, byte, end) => {
      const bytes = Buffer.from(good);
      bytes[at] = byte;
      try {
        readNpyHeader(bytes.subarray(0, end), "x.npy");
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/DATA_LOSS|FAILED_PRECONDITION/) });
      }
    }),
  );
});
