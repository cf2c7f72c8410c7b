import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Tensor, type Tensors, tensor } from "salver";

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

/** Strings as they come off the wire: views of one message. */
function received(cells: readonly string[]): Tensor {
  const message = Buffer.from(cells.join(""));
  let at = 0;
  const items = cells.map((cell) => {
    const start = at;
    at += Buffer.byteLength(cell);
    return new Uint8Array(message.buffer, message.byteOffset + start, at - start);
  });
  return tensor("string", [cells.length], items);
}

const numbers = (cells: readonly string[]): Tensor =>
  tensor(
    "float32",
    [cells.length],
    Float32Array.from(cells, (cell) => (cell === "" ? Number.NaN : Number(cell))),
  );

const firstOf = ({ dtype, data }: Tensor, count: number): Tensor =>
  tensor(dtype, [count], data.slice(0, count) as never) as Tensor;

const isText = (name: string) => [...columns.towns, ...columns.messy, ...columns.dates].includes(name);

function csvOf(cells: Cells, rows: number): string {
  const lines = Array.from({ length: rows }, (_, row) => [...cells.values()].map((column) => column[row]).join(","));
  return `${[...cells.keys()].join(",")}\n${lines.join("\n")}\n`;
}

/** All rows; no cell is held, which every collection of garbage would go through: a server has none. */
function prepare(rows: number): { readonly text: string; readonly tensors: ReadonlyMap<string, Tensor> } {
  const cells = makeCells(rows);
  const tensors = new Map(
    [...cells].map(([name, column]) => [name, isText(name) ? received(column) : numbers(column)]),
  );
  return { text: csvOf(cells, rows), tensors };
}

/** A table of 40 columns, as CSV and as tensors. */
export async function makeTable(rows: number): Promise<Table> {
  const folder = await mkdtemp(join(tmpdir(), "salver-bench-"));
  const csv = join(folder, "data.csv");
  const { text, tensors } = prepare(rows);
  await writeFile(csv, text);
  return {
    rows,
    csv,
    folder,
    batch: (count) => Object.fromEntries([...tensors].map(([name, column]) => [name, firstOf(column, count)])),
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
