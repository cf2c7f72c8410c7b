import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strings, type Tensors, tensor } from "salver";

/** The columns by what is done with them; 40 in all. */
export const columns = {
  scaled: names("scaled", 20),
  logged: names("logged", 6),
  bucketed: names("bucketed", 4),
  towns: names("town", 6),
  messy: names("messy", 2),
  dates: names("date", 2),
};

function names(stem: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${stem}${i}`);
}

const TOWNS = Array.from({ length: 50 }, (_, i) => `town of ${"abcdefghij"[i % 10]}${i}`);

/** Numbers that look random and are the same in each run. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export type Table = AsyncDisposable & {
  readonly rows: number;
  readonly csv: string;
  readonly folder: string;
  /** The first rows, as a request has them. */
  readonly batch: (rows: number) => Tensors;
};

type Cells = ReadonlyMap<string, readonly string[]>;

function makeCells(rows: number): Cells {
  const random = createRandom(7);
  const column = (cell: () => string) => Array.from({ length: rows }, cell);
  const number = () => String(Math.fround(random() * 100));
  const town = () => TOWNS[Math.floor(random() ** 2 * TOWNS.length)]!;
  const date = () => new Date(1.6e12 + Math.floor(random() * 1e8) * 1000).toISOString();
  const cells: readonly (readonly [readonly string[], () => string])[] = [
    [columns.scaled, () => (random() < 0.05 ? "" : number())],
    [columns.logged, number],
    [columns.bucketed, number],
    [columns.towns, town],
    [columns.messy, () => `  ${town().toUpperCase()} `],
    [columns.dates, date],
  ];
  return new Map(cells.flatMap(([all, cell]) => all.map((name) => [name, column(cell)] as const)));
}

const isText = (name: string) => [...columns.towns, ...columns.messy, ...columns.dates].includes(name);

/** A table of 40 columns, as CSV and as tensors. */
export async function makeTable(rows: number): Promise<Table> {
  const folder = await mkdtemp(join(tmpdir(), "salver-bench-"));
  const csv = join(folder, "data.csv");
  const cells = makeCells(rows);
  const lines = Array.from({ length: rows }, (_, row) => [...cells.values()].map((column) => column[row]).join(","));
  await writeFile(csv, `${[...cells.keys()].join(",")}\n${lines.join("\n")}\n`);
  const tensorOf = (name: string, column: readonly string[]) =>
    isText(name)
      ? strings(column)
      : tensor(
          "float32",
          [column.length],
          Float32Array.from(column, (cell) => (cell === "" ? Number.NaN : Number(cell))),
        );
  return {
    rows,
    csv,
    folder,
    batch: (count) =>
      Object.fromEntries([...cells].map(([name, column]) => [name, tensorOf(name, column.slice(0, count))])),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

/** What is done with them, not fitted yet. */
export function specText(): string {
  const { scaled, logged, bucketed, towns, messy, dates } = columns;
  const steps = [
    ...scaled.map((name) => `op: impute, from: ${name}, to: ${name}_known, strategy: mean`),
    `op: concat, from: [${scaled.map((name) => `${name}_known`)}], to: known`,
    "op: standardize, from: known, to: scaled",
    `op: concat, from: [${logged}], to: raw`,
    "op: log1p, from: raw, to: logged",
    "op: min-max, from: logged, to: ranged",
    ...bucketed.map((name) => `op: bucketize, from: ${name}, to: ${name}_bucket, bins: 10`),
    ...messy.map((name) => `op: normalize-text, from: ${name}, to: ${name}_plain`),
    ...[...towns, ...messy.map((name) => `${name}_plain`)].flatMap((name) => [
      `op: lookup, from: ${name}, to: ${name}_id`,
      `op: one-hot, from: ${name}_id, to: ${name}_hot`,
    ]),
    ...dates.map((name) => `op: date, from: ${name}, to: [${name}_weekday, ${name}_hour], parts: [weekday, hour]`),
    `op: concat, from: [${[
      "scaled",
      "ranged",
      ...bucketed.map((name) => `${name}_bucket`),
      ...dates.flatMap((name) => [`${name}_weekday`, `${name}_hour`]),
      ...[...towns, ...messy.map((name) => `${name}_plain`)].map((name) => `${name}_hot`),
    ]}], to: features`,
  ];
  const inputs = Object.values(columns).flat();
  const declared = inputs.map((name) => `  ${name}: ${isText(name) ? "string" : "float32"}`);
  return `inputs:\n${declared.join("\n")}\nsteps:\n${steps.map((step) => `  - { ${step} }`).join("\n")}\noutputs: [features]\n`;
}
