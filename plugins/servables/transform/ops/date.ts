import { z } from "zod";
import { type Column, type ColumnType, describeType, numbersOf, textsOf } from "../column.js";
import { type DateCycle, type DatePart, dateCycles, dateParts, type Moment, momentOf, secondsOf } from "./calendar.js";
import { one } from "./expect.js";
import { defineOp, RowError, refuse } from "./op.js";

/** The years that are dates: those of four digits. */
const [FIRST, AFTER] = [secondsOf("0000-01-01"), secondsOf("+010000-01-01")];

const units = { s: 1, ms: 1000, us: 1e6 } as const;

/** Seconds since 1970 by row; NaN where there is no date. @throws RowError for what is none */
function readerOf(type: ColumnType, unit: keyof typeof units): (column: Column) => (row: number) => number {
  if (type.dtype === "string") {
    return (column) => {
      const texts = textsOf(column);
      return (row) => {
        const text = texts[row]!;
        const seconds = secondsOf(text);
        if (Number.isNaN(seconds) && text !== "") {
          throw new RowError(row, `"${text.slice(0, 40)}" is no date such as 2024-02-29 or 2024-02-29T12:30:00Z`);
        }
        return seconds;
      };
    };
  }
  if (type.dtype === "bool" || type.dtype === "float32") {
    refuse(`expected dates as strings, or seconds as int64, int32 or float64; got ${describeType(type)}`);
  }
  return (column) => {
    const numbers = numbersOf(column);
    return (row) => {
      const seconds = numbers[row]! / units[unit];
      if (seconds < FIRST || seconds >= AFTER)
        throw new RowError(row, `${numbers[row]} ${unit} is outside of the years 0 to 9999`);
      return seconds;
    };
  };
}

type Reading = {
  readonly dtype: "int64" | "float32";
  readonly of: (moment: Moment) => number;
  readonly absent: number;
};

const cyclic =
  (cycle: DateCycle, wave: (angle: number) => number): Reading["of"] =>
  (moment) =>
    wave(2 * Math.PI * dateCycles[cycle](moment));

/** The columns that are asked for, in the order of `to`. */
function readings(parts: readonly DatePart[], cycles: readonly DateCycle[], missing: number): readonly Reading[] {
  return [
    ...parts.map((part): Reading => ({ dtype: "int64", of: dateParts[part], absent: missing })),
    ...cycles.flatMap((cycle): Reading[] => [
      { dtype: "float32", of: cyclic(cycle, Math.sin), absent: 0 },
      { dtype: "float32", of: cyclic(cycle, Math.cos), absent: 0 },
    ]),
  ];
}

const names = <T extends object>(of: T) => Object.keys(of) as [keyof T & string, ...(keyof T & string)[]];

export const dateOp = defineOp({
  name: "date",
  about:
    "Parts of dates in UTC: a column for each of parts, then sine and cosine of each of cycles, by the names of to.",
  takes: "strings (ISO 8601) or numbers (since 1970), one a row",
  gives: "int64 for parts, float32 for cycles",
  options: z.strictObject({
    parts: z
      .array(z.enum(names(dateParts)))
      .default([])
      .describe("Whole numbers; weekday is 0 on Monday, yearday and month count from 1."),
    cycles: z
      .array(z.enum(names(dateCycles)))
      .default([])
      .describe("What goes round: sine and cosine of the place in the year, month of the year, week, day or hour."),
    unit: z.enum(names(units)).default("s").describe("Of numbers."),
    missing: z
      .int()
      .default(-1)
      .describe("The parts of a date that is missing (an empty string, NaN); its cycles are 0."),
  }),
  open: (inputs, { parts, cycles, unit, missing }, site) => {
    const type = one(inputs);
    if (type.row.length > 0) refuse(`expected one date a row, got ${describeType(type)}`);
    const wanted = readings(parts, cycles, missing);
    if (wanted.length === 0) refuse("expected parts, cycles or both", "op");
    if (wanted.length !== site.results) {
      refuse(`expected ${wanted.length} names, one for each part and two for each cycle; got ${site.results}`, "to");
    }
    const open = readerOf(type, unit);
    return {
      types: wanted.map(({ dtype }) => ({ dtype, row: [] })),
      run: ([column], rows) => {
        const seconds = open(column!);
        const columns = wanted.map(({ dtype }) => ({
          dtype,
          row: [],
          values: dtype === "int64" ? new Int32Array(rows) : new Float32Array(rows),
        }));
        for (let row = 0; row < rows; row++) {
          const at = seconds(row);
          const moment = Number.isNaN(at) ? undefined : momentOf(at);
          for (const [i, { of, absent }] of wanted.entries()) columns[i]!.values[row] = moment ? of(moment) : absent;
        }
        return columns;
      },
    };
  },
});
