import type { DType } from "../../../../core/index.js";
import type { Attributes } from "../graph/attributes.js";
import type { Table } from "../steps/tables/table.js";
import type { Constant } from "./constant.js";
import { borrowedList, type TensorList } from "./loops/lists.js";

/** One number a dimension, -1 where it is only known when the model runs; null when even the rank is. */
export type Shape = readonly number[] | null;

/** The node that yields a value, for rules that see further than their own inputs. */
export type Origin = { readonly op: string; readonly attrs: Attributes; readonly inputs: readonly Value[] };

/**
 * A tensor on its way into ONNX.
 *
 * Inputs take any rank, so what is known of shapes may rest on the ranks that the signature declares: `from` names the
 * inputs it rests on. A rule that makes use of a rank thereby fixes the ranks of those inputs.
 */
export type Value = {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly from: ReadonlySet<string>;
  readonly constant?: Constant;
  /** Its names in the ONNX graph, made at first use: in TensorFlow's order of dimensions, or (images) channels first. */
  readonly names: { plain?: string; channelsFirst?: string };
  /** For a list of integers: its items, -1 where one is only known when the model runs. */
  readonly known?: readonly number[];
  /** Absent for constants, and for the outputs of nodes with several. */
  readonly origin?: Origin;
  /** The signature's input that it is, unchanged. */
  readonly input?: string;
  /** What the signature says of that input's shape; a call may bring another. */
  readonly declared?: Shape;
  /** It is an integer that is never negative. */
  readonly natural?: true;
  /** It is a list of tensors of this dtype, and no tensor. */
  readonly list?: TensorList;
  /** It is a table, and no tensor. */
  readonly table?: Table;
  /** For indices: of a sparse tensor that is read from examples, in order and within its shape. */
  readonly sparse?: true;
  /** The product it is, so that a bias can join it. */
  readonly product?: {
    readonly inputs: readonly [string, string];
    readonly attributes: Readonly<Record<string, number>>;
  };
};

export const constantValue = (constant: Constant): Value => ({
  dtype: constant.dtype,
  shape: constant.shape,
  from: new Set(),
  constant,
  names: {},
});

export const tableValue = (table: Table): Value => ({
  dtype: table.valueType,
  shape: null,
  from: new Set(),
  table,
  names: {},
});

/**
 * The value as a graph inside this one sees it: what is written there under new names is not to be seen out here. It
 * cannot be parsed there, since that happens before the graph runs.
 */
export function borrowed(value: Value): Value {
  const { input: _, list, ...rest } = value;
  return { ...rest, names: { ...value.names }, ...(list && { list: borrowedList(list) }) };
}

/** Whether they are one tensor of the ONNX graph, under whatever values. */
export const sameTensor = ({ names: a }: Value, { names: b }: Value): boolean =>
  a.plain === b.plain && a.channelsFirst === b.channelsFirst && (a.plain ?? a.channelsFirst) !== undefined;

/**
 * The shape of an elementwise result under NumPy's broadcasting, as far as it is known.
 * undefined when the shapes cannot be broadcast.
 */
export function broadcast(a: Shape, b: Shape): Shape | undefined {
  if (a === null || b === null) return null;
  const rank = Math.max(a.length, b.length);
  const out: number[] = [];
  for (let d = 0; d < rank; d++) {
    const [x, y] = [a[d - rank + a.length] ?? 1, b[d - rank + b.length] ?? 1];
    if (x === 1 || x === y) out.push(y);
    else if (y === 1) out.push(x);
    else if (x === -1 || y === -1) out.push(Math.max(x, y));
    else return undefined;
  }
  return out;
}

/** What is known of a tensor's shape that has the one shape or the other. */
export function joinedShape(a: Shape, b: Shape): Shape {
  if (a === null || b === null || a.length !== b.length) return null;
  return a.map((size, d) => (size === b[d] ? size : -1));
}

export const union = (values: readonly Value[]): ReadonlySet<string> =>
  new Set(values.flatMap((value) => [...value.from]));

const FLOATS: ReadonlySet<DType> = new Set(["float32", "float64", "float16", "bfloat16"]);
export const isFloat = (dtype: DType): boolean => FLOATS.has(dtype);
