import { z } from "zod";
import { columnOfTexts, textsOf } from "../column.js";
import { oneList, oneOfTexts, oneText } from "./expect.js";
import { defineOp, refuse } from "./op.js";
import { count } from "./values.js";

/** What Keras's lower_and_strip_punctuation takes out. */
const PUNCTUATION = /[!"#$%&()*+,\-./:;<=>?@[\\\]^_`{|}~']/g;

const asciiLower = (text: string) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

const casings = {
  none: undefined,
  unicode: (text: string) => text.toLowerCase(),
  ascii: asciiLower,
} as const;

export const normalizeTextOp = defineOp({
  name: "normalize-text",
  about:
    "Strings in one form: Unicode's, lower case, without punctuation, without whitespace at the ends, in this order.",
  takes: "strings",
  gives: "strings",
  options: z.strictObject({
    unicode: z.enum(["none", "NFC", "NFD", "NFKC", "NFKD"]).default("none").describe("Unicode's normal form."),
    lower: z
      .enum(["none", "unicode", "ascii"])
      .default("unicode")
      .describe("Which letters become lower case; Keras changes ASCII alone."),
    punctuation: z
      .enum(["keep", "remove"])
      .default("keep")
      .describe("Whether ASCII punctuation is taken out, as Keras does."),
    strip: z.boolean().default(true).describe("Whether whitespace at both ends is taken off."),
  }),
  open: (inputs, { unicode, lower, punctuation, strip }) => {
    const type = oneOfTexts(inputs);
    const changes: ((text: string) => string)[] = [];
    if (unicode !== "none") changes.push((text) => text.normalize(unicode));
    const casing = casings[lower];
    if (casing) changes.push(casing);
    if (punctuation === "remove") changes.push((text) => text.replace(PUNCTUATION, ""));
    if (strip) changes.push((text) => text.trim());
    const changed = (text: string) => changes.reduce((done, change) => change(done), text);
    return {
      types: [{ dtype: "string", row: type.row }],
      run: ([column]) => [columnOfTexts(textsOf(column).map(changed), column!.row)],
    };
  },
});

/** Lists of `length` strings a row: what is missing is "", what is too much is left out. */
export function listed(rows: number, length: number, itemsOf: (row: number) => readonly string[]) {
  const items = new Array<string>(rows * length).fill("");
  for (let row = 0; row < rows; row++) {
    const parts = itemsOf(row);
    for (let i = 0; i < parts.length && i < length; i++) items[row * length + i] = parts[i]!;
  }
  return columnOfTexts(items, [length]);
}

const WHITESPACE = /[ \t\n\v\f\r]+/;

function splitter(separator: string | undefined, pattern: string | undefined): (text: string) => string[] {
  if (separator === "") return (text) => Array.from(text);
  if (separator !== undefined) return (text) => text.split(separator).filter((part) => part !== "");
  const expression = pattern === undefined ? WHITESPACE : expressionOf(pattern);
  return (text) => text.split(expression).filter((part) => part !== "" && part !== undefined);
}

function expressionOf(pattern: string): RegExp {
  try {
    return new RegExp(pattern, "u");
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error), "pattern");
  }
}

export const splitOp = defineOp({
  name: "split",
  about: 'The parts of each string, without empty ones; too few are filled up with "", too many are left out.',
  takes: "strings, one a row",
  gives: "strings [n, length]",
  options: z.strictObject({
    length: count().describe("How many parts a row has."),
    separator: z
      .string()
      .optional()
      .describe('What is between parts; whitespace when absent, and "" cuts into characters.'),
    pattern: z
      .string()
      .optional()
      .describe("Instead of separator: a regular expression of JavaScript, with its u flag."),
  }),
  open: (inputs, { length, separator, pattern }) => {
    oneText(inputs);
    if (separator !== undefined && pattern !== undefined) refuse("the step has a separator already", "pattern");
    const parts = splitter(separator, pattern);
    return {
      types: [{ dtype: "string", row: [length] }],
      run: ([column], rows) => {
        const texts = textsOf(column);
        return [listed(rows, length, (row) => parts(texts[row]!))];
      },
    };
  },
});

/** How many n-grams of these widths `tokens` tokens have. */
const gramsOf = (widths: readonly number[], tokens: number) =>
  widths.reduce((sum, width) => sum + Math.max(0, tokens - width + 1), 0);

export const ngramsOp = defineOp({
  name: "ngrams",
  about: 'Neighbouring tokens together, all of the first width, then of the next; "" is no token.',
  takes: "lists of strings",
  gives: "strings [n, length]",
  options: z.strictObject({
    widths: z.array(count()).min(1).default([2]).describe("How many tokens go together."),
    separator: z.string().default(" ").describe("What is put between them."),
    length: count().optional().describe("How many n-grams a row has; as many as there can be when absent."),
  }),
  open: (inputs, { widths, separator, length: asked }) => {
    const [tokens] = oneList([oneOfTexts(inputs)]).row;
    if (asked === undefined && tokens! < 0) refuse("missing: the length of the lists is not known here", "length");
    const length = asked ?? Math.max(1, gramsOf(widths, tokens!));
    return {
      types: [{ dtype: "string", row: [length] }],
      run: ([column], rows) => {
        const texts = textsOf(column);
        const width = column!.row[0]!;
        const grams = (row: number) => {
          const present = texts.slice(row * width, (row + 1) * width).filter((text) => text !== "");
          return widths.flatMap((size) =>
            Array.from({ length: Math.max(0, present.length - size + 1) }, (_, i) =>
              present.slice(i, i + size).join(separator),
            ),
          );
        };
        return [listed(rows, length, grams)];
      },
    };
  },
});
