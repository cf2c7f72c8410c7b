import { type ColumnType, describeType, isInteger, isNumeric } from "../column.js";
import { refuse, type Site } from "./op.js";

const are = (count: number) => (count === 1 ? "1 column" : `${count} columns`);

/** @throws StepProblem when there are more or fewer */
export function expectColumns(inputs: readonly ColumnType[], least: number, most = least): void {
  if (inputs.length >= least && inputs.length <= most) return;
  const wanted =
    most === least
      ? are(least)
      : most === Number.POSITIVE_INFINITY
        ? `${least} or more columns`
        : `${least} to ${are(most)}`;
  refuse(`expected ${wanted}, got ${inputs.length}`);
}

/** The only column. */
export function one(inputs: readonly ColumnType[]): ColumnType {
  expectColumns(inputs, 1);
  return inputs[0]!;
}

export function expectResults(site: Site, least: number, most = least): void {
  if (site.results >= least && site.results <= most) return;
  refuse(`expected ${least === most ? least : `${least} to ${most}`} names, got ${site.results}`, "to");
}

const wrong = (wanted: string, type: ColumnType) => refuse(`expected ${wanted}, got ${describeType(type)}`);

/** The only column, of numbers. */
export function oneNumeric(inputs: readonly ColumnType[]): ColumnType {
  const type = one(inputs);
  return isNumeric(type) ? type : wrong("numbers", type);
}

/** The only column, of whole numbers. */
export function oneOfIds(inputs: readonly ColumnType[]): ColumnType {
  const type = one(inputs);
  return isInteger(type) ? type : wrong("ids (int32 or int64)", type);
}

/** The only column, of strings. */
export function oneOfTexts(inputs: readonly ColumnType[]): ColumnType {
  const type = one(inputs);
  return type.dtype === "string" ? type : wrong("strings", type);
}

/** The only column, with one string a row. */
export function oneText(inputs: readonly ColumnType[]): ColumnType {
  const type = oneOfTexts(inputs);
  return type.row.length === 0 ? type : wrong("one string a row", type);
}

/** The only column, with a list a row. */
export function oneList(inputs: readonly ColumnType[]): ColumnType {
  const type = one(inputs);
  return type.row.length === 1 ? type : wrong("a list a row", type);
}

/** Values one a row, or lists of a known size: what values of each feature can be given for. How many features. */
export function featuresOf(type: ColumnType): number {
  const { row } = type;
  if (row.length === 0) return 1;
  if (row.length === 1 && row[0]! >= 0) return row[0]!;
  return wrong("one value a row or a list of a known size", type);
}
