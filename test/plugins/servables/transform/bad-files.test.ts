import { describe, expect, it } from "vitest";
import { type Files, openText } from "./support/open.js";

const IN = "inputs: { a: float32, s: string, l: { dtype: int64, shape: [-1, -1] } }\n";

/** One step on line 3; every input is used. */
const step = (text: string, out = "y") => `${IN}steps:\n  - { ${text} }\noutputs: [${out}, a, s, l]\n`;

/** § marks the place that a message has as AT. */
const cases: readonly (readonly [what: string, text: string, message: RegExp, files?: Files])[] = [
  ["YAML that is none", "inputs: {", /^transform\.yaml:\d+:\d+: /],
  ["nothing", "", /^transform\.yaml: expected object|^transform\.yaml:1:1: expected object/],
  [
    "an unknown key",
    `${IN}outpust: [a]\noutputs: [a, s, l]`,
    /^transform\.yaml:2:1 outpust: unknown key \(did you mean "outputs"\?\)$/,
  ],
  [
    "a wrong dtype",
    "inputs: { a: floot }\noutputs: [a]",
    /^transform\.yaml:1:14 inputs\.a\.dtype: expected one of .*, got "floot"$/,
  ],
  [
    "a shape without rows",
    "inputs: { a: { dtype: string, shape: [3] } }\noutputs: [a]",
    /inputs\.a\.shape: expected -1 first/,
  ],
  ["no outputs", "inputs: { a: string }\noutputs: []", /^transform\.yaml:2:10 outputs: /],
  [
    "an unknown op",
    step("op: logg, from: a, to: y"),
    /^transform\.yaml:3:11 steps\[0\]\.op: unknown op "logg" \(did you mean "log"\?\)$/,
  ],
  ["a step without op", step("from: a, to: y"), /^transform\.yaml:3:5 steps\[0\]: missing: op, one of impute, /],
  ["a step that is none", `${IN}steps: [log]\noutputs: [a, s, l]`, /^transform\.yaml:2:9 steps\[0\]: expected a step/],
  [
    "an unknown option",
    step("op: hash, from: s, to: y, §bucket: 3, buckets: 3"),
    /:AT steps\[0\]\.bucket: unknown key \(did you mean "buckets"\?\)/,
  ],
  ["a missing option", step("op: hash, from: s, to: y"), /^transform\.yaml:3:5 steps\[0\]\.buckets: missing: /],
  [
    "a wrong option",
    step("op: hash, from: s, to: y, buckets: §many"),
    /:AT steps\[0\]\.buckets: expected number, got "many"/,
  ],
  [
    "a deviation below 0",
    step("op: standardize, from: a, to: y, mean: 1, std: §-2"),
    /^transform\.yaml:AT steps\[0\]\.std: expected numbers of 0 or more, got -2$/,
  ],
  [
    "a deviation that is no number",
    step("op: standardize, from: a, to: y, mean: 1, std: §.nan"),
    /^transform\.yaml:AT steps\[0\]\.std: /,
  ],
  [
    "a distance between quantiles below 0",
    step("op: robust, from: a, to: y, center: 1, scale: §-1"),
    /^transform\.yaml:AT steps\[0\]\.scale: expected numbers of 0 or more, got -1$/,
  ],
  [
    "more numbers a row than there can be",
    step("op: one-hot, from: l, to: y, depth: §2000000000"),
    /^transform\.yaml:AT steps\[0\]\.depth: 2000000000 numbers a row are too many, 1048576 at most/,
  ],
  [
    "more numbers a row than there can be, by the step before",
    `${IN}steps:\n  - { op: hash, from: s, to: h, buckets: 2000000 }\n  - { op: one-hot, from: h, to: y }\noutputs: [y, a, l]\n`,
    /steps\[1\].*2000000 numbers a row are too many/,
  ],
  [
    "an unknown column",
    step("op: log, from: §aa, to: y"),
    /^transform\.yaml:AT steps\[0\]\.from: there is no column "aa" \(did you mean "a"\?\)$/,
  ],
  [
    "an unknown output",
    step("op: log, from: a, to: y", "y, z1"),
    /^transform\.yaml:4:14 outputs\[1\]: there is no column "z1"/,
  ],
  [
    "an output twice",
    step("op: log, from: a, to: y", "y, y"),
    /^transform\.yaml:4:14 outputs\[1\]: "y" is an output already$/,
  ],
  [
    "a name of an input",
    step("op: log, from: a, to: §s", "a"),
    /^transform\.yaml:AT steps\[0\]\.to: "s" is the name of an input already\n/,
  ],
  [
    "a name twice",
    `${IN}steps:\n  - { op: log, from: a, to: y }\n  - { op: exp, from: a, to: §y }\noutputs: [y, s, l]`,
    /^transform\.yaml:AT steps\[1\]\.to: "y" is the name of what steps\[0\] gives already/,
  ],
  [
    "an unused input",
    "inputs:\n  a: string\n  b: string\noutputs: [a]",
    /^transform\.yaml:3:3 inputs\.b: nothing uses it/,
  ],
  [
    "an unused result",
    step("op: log, from: a, to: §y", "a").replace(", a, s", ", s"),
    /^transform\.yaml:AT steps\[0\]\.to: nothing uses "y"/,
  ],
  [
    "a cycle",
    `${IN}steps:\n  - { op: log, from: §y, to: x }\n  - { op: exp, from: x, to: y }\noutputs: [y, a, s, l]`,
    /^transform\.yaml:AT steps\[0\]\.from: the steps go round: "x" from "y" from "x"$/,
  ],
  ["a step on itself", step("op: log, from: y, to: y"), /the steps go round: "y" from "y"$/],
  [
    "a wrong dtype for an op",
    step("op: log, from: §s, to: y"),
    /^transform\.yaml:AT steps\[0\]\.from: expected numbers, got string \[n\]$/,
  ],
  [
    "a wrong shape for an op",
    step("op: concat, from: [a, l], to: y"),
    /steps\[0\]\.from: expected one value a row or a list of a known size, got int64 \[n,-1\]/,
  ],
  ["too many columns", step("op: log, from: [a, a], to: y"), /expected 1 column, got 2/],
  [
    "too many names",
    step("op: log, from: a, to: §[y, z]", "y, z"),
    /^transform\.yaml:AT steps\[0\]\.to: expected one name, got 2$/,
  ],
  [
    "values that are not fitted",
    step("op: standardize, from: a, to: y, std: 1"),
    /^transform\.yaml:3:5 steps\[0\]: missing: mean; `salver transform fit DATA\.csv transform\.yaml` computes/,
  ],
  [
    "too few fitted values",
    step("op: standardize, from: a, to: y, mean: §[1, 2], std: 1"),
    /:AT steps\[0\]\.mean: expected 1 values, one a feature, got 2/,
  ],
  [
    "falling boundaries",
    step("op: bucketize, from: a, to: y, boundaries: §[2, 1]"),
    /:AT steps\[0\]\.boundaries: expected rising numbers; 1 comes after 2/,
  ],
  ["min above max", step("op: min-max, from: a, to: y, min: 2, max: §1"), /:AT steps\[0\]\.max: max 1 is below min 2/],
  [
    "a depth that is not known",
    step("op: multi-hot, from: l, to: y"),
    /steps\[0\]\.depth: missing: how many ids there are/,
  ],
  [
    "a token twice",
    step("op: lookup, from: s, to: y, vocabulary: §[p, q, p]"),
    /:AT steps\[0\]\.vocabulary: the token "p" comes twice, at 1 and 3/,
  ],
  [
    "a token twice in a file",
    step("op: lookup, from: s, to: y, file: §v.txt"),
    /:AT steps\[0\]\.file: the token "q" comes twice, in v\.txt at line 2 and line 3/,
    { "v.txt": "p\nq\nq\n" },
  ],
  [
    "a file that is not there",
    step("op: lookup, from: s, to: y, file: §v.txt"),
    /:AT steps\[0\]\.file: v\.txt is not there/,
  ],
  [
    "a file elsewhere",
    step("op: lookup, from: s, to: y, file: ../v.txt"),
    /expected a file in the version's folder, got "\.\.\/v\.txt"/,
  ],
  ["an empty vocabulary", step("op: lookup, from: s, to: y, vocabulary: []"), /the vocabulary is empty/],
  [
    "two vocabularies",
    step("op: lookup, from: s, to: y, vocabulary: [p], file: v.txt"),
    /steps\[0\]\.file: the step has a vocabulary already/,
  ],
  [
    "a value of another dtype",
    step("op: impute, from: a, to: y, strategy: constant, value: x"),
    /steps\[0\]\.value: expected numbers for float32 \[n\], got "x"/,
  ],
  [
    "a mean of strings",
    step("op: impute, from: s, to: y, strategy: mean, value: x"),
    /steps\[0\]\.strategy: strings have no mean/,
  ],
  ["another count of dates", step("op: date, from: s, to: y, parts: [year, day]"), /steps\[0\]\.to: expected 2 names/],
  [
    "an unknown part of dates",
    step("op: date, from: s, to: y, parts: [§yeer]"),
    /:AT steps\[0\]\.parts\[0\]: expected one of "year"/,
  ],
  [
    "a shape that does not fit",
    step("op: reshape, from: a, to: y, shape: §[2]"),
    /:AT steps\[0\]\.shape: float32 \[n\] has 1 items a row, not 2/,
  ],
  [
    "a broken expression",
    step('op: split, from: s, to: y, length: 2, pattern: §"("'),
    /:AT steps\[0\]\.pattern: Invalid regular expression/,
  ],
  [
    "a vocabulary without [CLS]",
    step("op: wordpiece, from: s, to: y, file: v.txt, length: 4"),
    /steps\[0\]\.file: v\.txt has no token \[CLS\]/,
    { "v.txt": "[UNK]\na\n" },
  ],
  [
    "a broken tokenizer",
    step("op: tokenizer, from: s, to: y, length: 4"),
    /steps\[0\].*: tokenizer\.json is no tokenizer that can be read: /,
    { "tokenizer.json": "{" },
  ],
  [
    "a std of 0 for images",
    step("op: image, from: s, to: y, size: [2, 2], std: §0"),
    /:AT steps\[0\]\.std: expected numbers other than 0/,
  ],
];

const named = cases.map(([what, text, message, files = {}]) => ({ what, text, message, files }));

describe("a transform file is refused when it loads, at its place", () => {
  it.each(named)("$what", async ({ text, message, files }) => {
    const before = text.split("§")[0]!.split("\n");
    const at = `${before.length}:${before.at(-1)!.length + 1}`;
    await expect(openText(text.replace("§", ""), files)).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      message: expect.stringMatching(new RegExp(message.source.replace(/\bAT\b/, at))),
    });
  });
});

it("everything that is wrong is said at once", async () => {
  const text = `${IN}steps:\n  - { op: log, from: s, to: x }\n  - { op: split, from: a, to: y, length: 2 }\noutputs: [x, y, l]\n`;
  await expect(openText(text)).rejects.toThrow(/^transform\.yaml:3:22 .*\ntransform\.yaml:4:24 /);
});
