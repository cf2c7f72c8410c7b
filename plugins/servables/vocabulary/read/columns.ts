import { failedPrecondition, hint } from "../../../../core/index.js";
import type { Complain } from "./entries.js";
import { createFields, type Separators } from "./fields.js";

export type Wanted = {
  readonly key?: string | number | undefined;
  readonly value?: string | number | undefined;
  readonly header: boolean;
};
/** Which columns, from 0, hold tokens and ids; without `value` ids count the rows. */
export type Columns = { readonly count: number; readonly key: number; readonly value?: number };

/** More of a file than any first line. */
const LONGEST_LINE = 2 ** 20;
const ROW_NUMBER = "line";

function firstRow(bytes: Uint8Array, separators: Separators, complain: Complain): string[] {
  const start = bytes.slice(0, LONGEST_LINE);
  const fields = createFields(start, separators, complain);
  const row: string[] = [];
  do {
    fields.read();
    row.push(Buffer.from(start.subarray(fields.from, fields.to)).toString());
  } while (!fields.endsRow);
  return row;
}

/** @throws FAILED_PRECONDITION when the first line has no such columns, or leaves open which they are */
export function chooseColumns(
  bytes: Uint8Array,
  name: string,
  separators: Separators,
  { key, value, header }: Wanted,
  complain: Complain,
): Columns {
  const row = firstRow(bytes, separators, complain);
  const count = row.length;
  const place = (wanted: string | number): number => {
    if (typeof wanted === "number") {
      if (wanted < count) return wanted;
      throw failedPrecondition(`${name} has ${count} columns, from 0 on; there is no column ${wanted}`);
    }
    if (!header) throw failedPrecondition(`column "${wanted}" of ${name}: names need header: true; or give its number`);
    const at = row.indexOf(wanted);
    if (at >= 0) return at;
    throw failedPrecondition(`the header of ${name} names no column "${wanted}"${hint(wanted, row)}`);
  };
  if (count > 2 && (key === undefined || value === undefined)) {
    throw failedPrecondition(`${name} has ${count} columns: say by key and value which hold tokens and ids`);
  }
  const keyAt = key === undefined ? 0 : place(key);
  if (value === ROW_NUMBER || (value === undefined && count === 1)) return { count, key: keyAt };
  const valueAt = value === undefined ? 1 - keyAt : place(value);
  if (valueAt === keyAt) throw failedPrecondition(`${name}: key and value are one column, ${keyAt}`);
  return { count, key: keyAt, value: valueAt };
}
