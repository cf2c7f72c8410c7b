import type { DType } from "../../../../core/index.js";
import type { Constant } from "./constant.js";

/** One number a dimension, -1 where it is only known when the model runs; null when even the rank is. */
export type Shape = readonly number[] | null;

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
  /** The signature's input that it is, unchanged. */
  readonly input?: string;
  /** For indices: of a sparse tensor that is read from examples, in order and within its shape. */
  readonly sparse?: true;
  /** The product it is, so that a bias can join it. */
  readonly product?: {
    readonly inputs: readonly [string, string];
    readonly attributes: Readonly<Record<string, number>>;
  };
};

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

export const union = (values: readonly Value[]): ReadonlySet<string> =>
  new Set(values.flatMap((value) => [...value.from]));

const FLOATS: ReadonlySet<DType> = new Set(["float32", "float64", "float16", "bfloat16"]);
export const isFloat = (dtype: DType): boolean => FLOATS.has(dtype);
