import { readFile } from "node:fs/promises";

export const here = new URL("./", import.meta.url);

const read = (name: string) => readFile(new URL(`data/${name}`, here), "utf8");

/** Loans that no model was trained on: rows of numbers as the header names them, and whether each was not paid back. */
export async function readLoans() {
  const [header, ...lines] = (await read("loans.csv")).trimEnd().split("\n");
  const cells = lines.map((line) => line.split(",").map(Number));
  return {
    names: header!.split(",").slice(0, -1),
    features: cells.map((row) => row.slice(0, -1)),
    defaulted: cells.map((row) => row.at(-1) === 1),
  };
}

export type Golden = {
  /** Chances of the first loans, by who computed them in Python: scikit-learn, TensorFlow, and the mean of both. */
  readonly default: Readonly<Record<string, readonly number[]>>;
  /** Over all loans, by scikit-learn. */
  readonly auc: Readonly<Record<string, number>>;
};

export const readGolden = async () => JSON.parse(await read("golden.json")) as Golden;
