import { complement, type Ranges } from "./ast.js";

const set = (text: string): Ranges =>
  text.split(" ").map((range) => {
    const points = [...range].map((each) => each.codePointAt(0)!);
    return [points[0]!, points.at(-1)!] as const;
  });

const SPACE: Ranges = [
  [0x09, 0x0a],
  [0x0c, 0x0d],
  [0x20, 0x20],
];
const WORD = set("09 AZ __ az");

/** RE2's Perl classes, which are ASCII. */
export const perlClasses: Readonly<Record<string, Ranges>> = {
  d: set("09"),
  D: complement(set("09")),
  s: SPACE,
  S: complement(SPACE),
  w: WORD,
  W: complement(WORD),
};

/** `[:alpha:]` and its like, which are ASCII. */
export const posixClasses: Readonly<Record<string, Ranges>> = {
  alnum: set("09 AZ az"),
  alpha: set("AZ az"),
  ascii: [[0, 0x7f]],
  blank: set("\t").concat([[0x20, 0x20]]),
  cntrl: [
    [0, 0x1f],
    [0x7f, 0x7f],
  ],
  digit: set("09"),
  graph: [[0x21, 0x7e]],
  lower: set("az"),
  print: [[0x20, 0x7e]],
  punct: set("!/ :@ [` {~"),
  space: [
    [0x09, 0x0d],
    [0x20, 0x20],
  ],
  upper: set("AZ"),
  word: WORD,
  xdigit: set("09 AF af"),
};
