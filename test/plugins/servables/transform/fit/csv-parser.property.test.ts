import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCsvParser } from "../../../../../plugins/servables/transform/fit/csv-parser.js";

type Read = { readonly fields: readonly string[]; readonly line: number };

/** Reads a text that comes in pieces of these lengths. */
function read(text: string, cuts: readonly number[] = [], delimiter = ","): readonly Read[] {
  const records: Read[] = [];
  const parser = createCsvParser((fields, line) => records.push({ fields, line }), delimiter);
  let at = 0;
  for (const cut of cuts) {
    parser.push(text.slice(at, at + cut));
    at += cut;
  }
  parser.push(text.slice(at));
  parser.end();
  return records;
}

const fieldsOf = (text: string) => read(text).map(({ fields }) => fields);

const field = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", " ", "é", "😀", ";") }),
  fc.string({ unit: "binary" }),
);
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
const needsQuotes = (text: string) => text === "" || /[",;\r\n]/.test(text);

describe("the CSV parser", () => {
  it("reads back what was written, wherever the text is cut, with the line of each record", () => {
    const records = fc.array(fc.array(fc.tuple(field, fc.boolean()), { minLength: 1 }));
    const cuts = fc.array(fc.nat(7));
    fc.assert(
      fc.property(
        records,
        cuts,
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
        fc.constantFrom(",", ";"),
        (rows, pieces, end, last, by) => {
          const lines = rows.map((row) =>
            row.map(([text, always]) => (always || needsQuotes(text) ? quoted(text) : text)).join(by),
          );
          const text = lines.join(end) + (last && lines.length > 0 ? end : "");
          const starts = lines.map((_, i) => 1 + lines.slice(0, i).join(end).split("\n").length - (i === 0 ? 1 : 0));
          expect(read(text, pieces, by)).toEqual(
            rows.map((row, i) => ({ fields: row.map(([each]) => each), line: starts[i] })),
          );
        },
      ),
    );
  });

  it.each<[string, string, readonly (readonly string[])[]]>([
    [
      "empty fields",
      "a,,\n,b,\n",
      [
        ["a", "", ""],
        ["", "b", ""],
      ],
    ],
    [
      "a missing last line end",
      "a,b\nc,d",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    [
      "an empty last field",
      "a,b\nc,",
      [
        ["a", "b"],
        ["c", ""],
      ],
    ],
    ["blank lines, which are no records", "a\n\n\r\nb\n", [["a"], ["b"]]],
    ["an empty field in quotes, which is one", 'a\n""\n', [["a"], [""]]],
    ["doubled quotes and line ends in quotes", '"a ""b""\r\nc",d\r\n', [['a "b"\r\nc', "d"]]],
    ["spaces, which belong to fields", " a , b", [[" a ", " b"]]],
  ])("takes %s", (_what, text, records) => {
    expect(fieldsOf(text)).toEqual(records);
  });

  it.each([
    ["a quote inside of a plain field", 'a\nb"c\n', 2, /a quote inside of a field/],
    ["text behind a closing quote", '"a"b', 1, /expected a delimiter behind a closing quote, got "b"/],
    ["a quote that is never closed", 'a\nb,"c\nd\n', 2, /a quote is opened here and never closed/],
  ])("refuses %s", (_what, text, line, message) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ line, message: expect.stringMatching(message) }));
  });
});
