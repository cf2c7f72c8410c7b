import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type FitOptions, fitTransform } from "../../../../../plugins/servables/transform/fit/fit.js";
import { specOf } from "../support/open.js";

type Golden = {
  readonly csv: string;
  readonly fits: readonly (readonly [step: string, values: Record<string, unknown>])[];
};
const golden = JSON.parse(readFileSync(new URL("../golden/golden-fit.json", import.meta.url), "utf8")) as Golden;

let folder: string;
let csv: string;
const write = async (data: string) => {
  await writeFile(csv, data);
};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "transform-fit-"));
  csv = join(folder, "data.csv");
});
afterAll(() => rm(folder, { recursive: true }));

const fitted = (text: string, options: Partial<FitOptions> = {}) =>
  fitTransform({ name: "transform.yaml", folder, text }, { csv, ...options });

type Steps = readonly Record<string, unknown>[];
const stepsOf = (text: string) => (parse(text) as { steps: Steps }).steps;

const closely = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(closely);
  return typeof value === "number" ? expect.closeTo(value, 9) : value;
};

describe("values equal those of scikit-learn and Keras", () => {
  it.each(golden.fits)("%s", async (step, values) => {
    await write(golden.csv);
    const from = /from: (\w+)/.exec(step)![1]!;
    const { text, rows } = await fitted(specOf(`${from}: ${from === "city" ? "string" : "float64"}`, `${step}, to: z`));
    expect(rows).toBe(200);
    expect(stepsOf(text)[0]).toMatchObject(
      Object.fromEntries(Object.entries(values).map(([key, value]) => [key, closely(value)])),
    );
  });
});

const chain = specOf(
  "a: float32, s: string",
  "op: impute, from: a, to: known, strategy: median",
  "op: log1p, from: known, to: logged",
  "op: standardize, from: logged, to: z",
  "op: lookup, from: s, to: ids",
  "op: one-hot, from: ids, to: hot",
);

describe("fitting", () => {
  it("computes what waits for other values after them, by reading again", async () => {
    await write("s,a,unused\np,1,?\nq,,?\np,7,?\n");
    const passes = new Set<number>();
    const { text, fitted: steps } = await fitted(chain, { onProgress: ({ pass }) => passes.add(pass) });
    expect([...passes]).toEqual([1, 2]);
    expect(steps.map(({ op }) => op)).toEqual(["impute", "lookup", "standardize"]);
    const logs = [1, 4, 7].map(Math.log1p);
    const mean = logs.reduce((a, b) => a + b) / 3;
    expect(stepsOf(text)).toMatchObject([
      { value: 4 },
      {},
      { mean: expect.closeTo(mean, 6) },
      { vocabulary: ["p", "q"] },
      {},
    ]);
  });

  it("leaves what is there, unless it is told to compute it again", async () => {
    await write("s,a\np,1\n");
    const given = chain.replace("strategy: median", "strategy: median, value: 99");
    expect(stepsOf((await fitted(given)).text)[0]).toMatchObject({ value: 99 });
    const { text } = await fitted(given, { again: true });
    expect(stepsOf(text)[0]).toMatchObject({ value: 1 });
    expect((await fitted(text)).text).toBe(text);
  });

  it("reads columns that are in another order, with a byte order mark, other delimiters and names for nothing", async () => {
    await write("\ufeffa;s\r\nNA;null\r\n3;x\r\n");
    const { text } = await fitted(chain, { delimiter: ";", missing: ["NA", "null"] });
    expect(stepsOf(text)).toMatchObject([{ value: 3 }, {}, {}, { vocabulary: ["x"] }, {}]);
  });

  it("puts a long vocabulary into a file of its own", async () => {
    const tokens = Array.from({ length: 1001 }, (_, i) => `t${i}`);
    await write(`s\n${tokens.join("\n")}\n`);
    const beside = join(folder, "beside");
    await mkdir(beside);
    const { text } = await fitted(specOf("s: string", "op: lookup, from: s, to: ids"), { folder: beside });
    expect(stepsOf(text)[0]).toMatchObject({ file: "ids.txt" });
    expect((await readFile(join(beside, "ids.txt"), "utf8")).trimEnd().split("\n").sort()).toEqual(tokens.sort());
  });

  it.each([
    ["a record that is too short", "s,a\np,1\nq\n", "data.csv:3: 1 fields where the header has 2"],
    [
      "a record that is too long, behind one with line ends",
      's,a\n"p\n\n",1\nq,2,3\n',
      "data.csv:5: 3 fields where the header has 2",
    ],
    ["a header with a name twice", "s,s\n", 'data.csv:1: the header has "s" twice'],
    ["a column that is not there", "s,aa\np,1\n", 'data.csv:1: there is no column "a" (did you mean "s"?)'],
    ["a cell that is no number", "s,a\np,1\nq,x1\n", 'data.csv:3: column a: expected a number, got "x1"'],
    ["an open quote", 's,a\n"p,1\n', "data.csv:2: a quote is opened here and never closed"],
    ["nothing", "", "data.csv is empty: expected a header with the names of the columns"],
  ])("refuses %s", async (_what, data, message) => {
    await write(data);
    await expect(fitted(chain)).rejects.toMatchObject({ code: "INVALID_ARGUMENT", message });
  });

  it("refuses bytes that are no text", async () => {
    await writeFile(csv, Uint8Array.of(0x61, 0xff, 0x0a));
    await expect(fitted(chain)).rejects.toThrow("data.csv is not UTF-8");
  });

  it("says at which step data gives no values", async () => {
    await write("s,a\n,\n");
    await expect(fitted(chain)).rejects.toThrow(
      /^transform\.yaml:3:25 steps\[0\]\.from: the data has no number here\ntransform\.yaml:6:/,
    );
  });

  it("refuses empty cells of whole numbers, and columns that CSV has not", async () => {
    await write('n\n1\n""\n');
    const whole = specOf("n: int64", "op: standardize, from: n, to: z");
    await expect(fitted(whole)).rejects.toThrow("data.csv:3: column n: expected a whole number, got nothing");
    const wide = specOf("n: { dtype: float32, shape: [-1, 2] }", "op: standardize, from: n, to: z");
    await expect(fitted(wide)).rejects.toThrow("the input n is float32 [n,2]: CSV has one value a row");
  });
});
