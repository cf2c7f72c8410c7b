import type { RuleContext, Rules } from "../rule.js";
import { asInt64, sizeOf, upTo } from "../sizes.js";
import type { Value } from "../value.js";

/* Matrices are the last two dimensions; `k` is the diagonal's number: above the main one, or below it when negative. */

/** Which diagonal each element of a matrix with so many rows and columns, lists of one, is on. */
function diagonalOf(c: RuleContext, rows: string, columns: string): string {
  const down = c.emit("Unsqueeze", [upTo(c, rows), c.int64([1])]);
  return c.emit("Sub", [upTo(c, columns), down]);
}

/** The one diagonal that the node is about; bands of several are not carried over. */
function oneDiagonal(c: RuleContext, index: number): number {
  const list = c.ints(index, "its diagonal");
  if (list.some((k) => k !== list[0])) c.refuse(`it has a band of diagonals, from ${list[0]} to ${list.at(-1)}`);
  return list[0] ?? 0;
}

const atLeast = (c: RuleContext, value: string, least: number) => c.emit("Max", [value, c.int64([least])]);

/** A diagonal's numbers beside the rows of a matrix with so many of them: a column. */
function besideRows(c: RuleContext, diagonal: Value, rows: string, k: number): string {
  const last = c.emit("Sub", [sizeOf(c, diagonal, -1), c.int64([1])]);
  const place = c.emit("Sub", [upTo(c, rows), c.int64([Math.max(-k, 0)])]);
  const safe = c.emit("Min", [atLeast(c, place, 0), atLeast(c, last, 0)]);
  return c.emit("Unsqueeze", [c.emit("Gather", [diagonal, safe], { axis: -1 }), c.int64([-1])]);
}

/** Matrices with that diagonal and `fill` elsewhere. */
function matrixDiag(c: RuleContext, extended: boolean): Value {
  const diagonal = c.input(0);
  c.requireRank(diagonal);
  const k = extended ? oneDiagonal(c, 1) : 0;
  const [down, across] = extended ? [c.int(2, "its rows"), c.int(3, "its columns")] : [-1, -1];
  const size = sizeOf(c, diagonal, -1);
  const side = (asked: number, offset: number) =>
    asked === -1 ? c.emit("Add", [size, c.int64([offset])]) : c.int64([asked]);
  // Where no size is given, the matrices are square; else what is not given is as small as it can be.
  const square = down === -1 && across === -1;
  const rows = side(down, square ? Math.abs(k) : Math.max(-k, 0));
  const columns = side(across, square ? Math.abs(k) : Math.max(k, 0));
  const fill = extended ? c.plain(c.input(4)) : c.scalar(diagonal.dtype, 0);
  const on = c.emit("Equal", [diagonalOf(c, rows, columns), c.int64(k)]);
  const name = c.emit("Where", [on, besideRows(c, diagonal, rows, k), fill]);
  return c.value(name, [...diagonal.shape!.slice(0, -1), -1, -1]);
}

/** The diagonal of matrices: their rows one after another, in steps. */
function matrixDiagPart(c: RuleContext, extended: boolean): Value {
  const value = c.input(0);
  const rank = c.requireRank(value);
  if (rank < 2) c.refuse(`its input has the rank ${rank}`);
  const k = extended ? oneDiagonal(c, 1) : 0;
  const [rows, columns] = [sizeOf(c, value, -2), sizeOf(c, value, -1)];
  const long = c.emit("Min", [
    c.emit("Sub", [rows, c.int64([Math.max(-k, 0)])]),
    c.emit("Sub", [columns, c.int64([Math.max(k, 0)])]),
  ]);
  const stride = c.emit("Add", [columns, c.int64([1])]);
  const first = k >= 0 ? c.int64([k]) : c.emit("Mul", [columns, c.int64([-k])]);
  const places = c.emit("Add", [c.emit("Mul", [upTo(c, long), stride]), first]);
  const lead = c.emit("Slice", [c.emit("Shape", [value]), c.int64([0]), c.int64([-2])]);
  const flat = c.emit("Reshape", [value, c.emit("Concat", [lead, c.emit("Mul", [rows, columns])], { axis: 0 })], {
    allowzero: 1,
  });
  return c.value(c.emit("Gather", [flat, places], { axis: -1 }), [...value.shape!.slice(0, -2), -1]);
}

function matrixSetDiag(c: RuleContext, extended: boolean): Value {
  const [value, diagonal] = [c.input(0), c.input(1)];
  const rank = c.requireRank(value);
  if (rank < 2 || c.requireRank(diagonal) !== rank - 1) c.refuse("its diagonal does not fit its matrices");
  const k = extended ? oneDiagonal(c, 2) : 0;
  const [rows, columns] = [sizeOf(c, value, -2), sizeOf(c, value, -1)];
  const on = c.emit("Equal", [diagonalOf(c, rows, columns), c.int64(k)]);
  return c.value(c.emit("Where", [on, besideRows(c, diagonal, rows, k), value]), value.shape);
}

/** Zero outside of a band around the main diagonal; a side with a negative number keeps all. */
function matrixBandPart(c: RuleContext): Value {
  const value = c.input(0);
  const rank = c.requireRank(value);
  if (rank < 2) c.refuse(`its input has the rank ${rank}`);
  const place = diagonalOf(c, sizeOf(c, value, -2), sizeOf(c, value, -1));
  const within = (distance: string, limit: Value) => {
    const most = asInt64(c, limit);
    return c.emit("Or", [c.emit("LessOrEqual", [distance, most]), c.emit("Less", [most, c.int64(0)])]);
  };
  const kept = c.emit("And", [within(c.emit("Neg", [place]), c.input(1)), within(place, c.input(2))]);
  return c.value(c.emit("Where", [kept, value, c.scalar(value.dtype, 0)]), value.shape);
}

/** How the corners of several diagonals are filled up, which makes no difference to one. */
const aligned = (write: (c: RuleContext) => Value) => (c: RuleContext) => {
  c.attrs.text("align", "");
  return write(c);
};

export const diagonalRules: Rules = {
  MatrixDiag: (c) => matrixDiag(c, false),
  MatrixDiagV2: (c) => matrixDiag(c, true),
  MatrixDiagV3: aligned((c) => matrixDiag(c, true)),
  MatrixDiagPart: (c) => matrixDiagPart(c, false),
  MatrixDiagPartV2: (c) => matrixDiagPart(c, true),
  MatrixDiagPartV3: aligned((c) => matrixDiagPart(c, true)),
  MatrixSetDiag: (c) => matrixSetDiag(c, false),
  MatrixSetDiagV2: (c) => matrixSetDiag(c, true),
  MatrixSetDiagV3: aligned((c) => matrixSetDiag(c, true)),
  MatrixBandPart: matrixBandPart,
  Diag: (c) => {
    c.requireRank(c.input(0), 1);
    return matrixDiag(c, false);
  },
  DiagPart: (c) => {
    c.requireRank(c.input(0), 2);
    return matrixDiagPart(c, false);
  },
};
