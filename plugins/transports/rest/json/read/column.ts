import { type DType, formatShape, invalidArgument, type Tensor } from "../../../../../core/index.js";
import { createDenseReader, type DenseReader } from "./dense.js";
import { createElements } from "./elements.js";

/** Collects one input over the rows of the row form. */
export interface Column {
  readonly name: string;
  /** The name as its key is usually written. */
  readonly key: Uint8Array;
  readonly reader: DenseReader;
  /** Rows read so far. */
  rows(): number;
  /** Closes the value just read: it must have the shape of the first. @throws INVALID_ARGUMENT */
  endValue(): void;
  /** All rows as one tensor, the number of rows before the shape of each. */
  tensor(): Tensor;
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function createColumn(json: Buffer, name: string, dtype: DType): Column {
  const elements = createElements(json, dtype);
  const reader = createDenseReader(json, elements);
  let rows = 0;
  let counted = 0;
  let size = 0;
  let shape: readonly number[] = [];

  return {
    name,
    key: Buffer.from(JSON.stringify(name)),
    reader,
    rows: () => rows,
    endValue: () => {
      const count = elements.count() - counted;
      const got = reader.shape();
      if (rows === 0) {
        shape = got;
        size = count;
      } else if (count !== size) {
        throw invalidArgument(`Expecting tensor size: ${size} but got: ${count}`);
      } else if (!sameShape(got, shape)) {
        throw invalidArgument(`Expecting shape ${formatShape(shape)} but got: ${formatShape(got)}`);
      }
      counted += count;
      rows++;
    },
    tensor: () => ({ dtype, shape: [rows, ...shape], data: elements.data() }) as Tensor,
  };
}
