import { readFileSync } from "node:fs";
import {
  type DType,
  layouts,
  type NumericDType,
  record,
  type Tensor,
  type Tensors,
  tensor,
} from "../../../../core/index.js";

type Written = { readonly dtype: NumericDType; readonly shape: readonly number[]; readonly data: (number | string)[] };
type File = Readonly<
  Record<
    string,
    {
      readonly cases: readonly {
        readonly error?: boolean;
        readonly inputs: Readonly<Record<string, Written>>;
        readonly outputs: Readonly<Record<string, Written>>;
      }[];
    }
  >
>;

/** One call of one signature, and what TensorFlow made of it. */
export type GoldenCase = { readonly inputs: Tensors; readonly outputs: Tensors; readonly error: boolean };

function toTensor({ dtype, shape, data }: Written): Tensor {
  const values = new layouts[dtype].array(data.length);
  const big = dtype === "int64" || dtype === "uint64";
  for (const [i, item] of data.entries()) values[i] = big ? BigInt(item) : Number(item);
  return tensor(dtype as DType, shape, values as never) as Tensor;
}

const toTensors = (source: Readonly<Record<string, Written>>): Tensors =>
  record(Object.entries(source).map(([name, value]) => [name, toTensor(value)] as const));

/** The golden answers of a model by its signatures; `refused_…` are those that must not be lowered. */
export function goldenCases(golden: URL): ReadonlyMap<string, readonly GoldenCase[]> {
  const file = JSON.parse(readFileSync(golden, "utf8")) as File;
  return new Map(
    Object.entries(file).map(([name, { cases }]) => [
      name,
      cases.map(({ inputs, outputs, error = false }) => ({
        inputs: toTensors(inputs),
        outputs: toTensors(outputs),
        error,
      })),
    ]),
  );
}
