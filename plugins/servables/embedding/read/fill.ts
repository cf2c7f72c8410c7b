import { bytesOf, type DType, dataLoss, layouts, type NumericDType, viewBytes } from "../../../../core/index.js";
import { type StoredType, storedBytes, storedTypes, storedView } from "../table/matrix.js";
import type { Elements } from "./elements.js";

/** The type that a table of `dtype` is kept in; undefined for one that is no table's. */
export function storedTypeOf(dtype: DType | undefined): StoredType | undefined {
  if (dtype === "float64") return "float32";
  return storedTypes.find((each) => each === dtype);
}

/** Takes pieces of any length and hands on whole elements of `dtype`, with the index of the first of them. */
function wholeElements(dtype: NumericDType, put: (elements: ArrayLike<number>, index: number) => void) {
  const { bytes: size } = layouts[dtype];
  let carry = new Uint8Array(0);
  let index = 0;
  return {
    take: (piece: Uint8Array) => {
      const joined = carry.length === 0 ? piece : Buffer.concat([carry, piece]);
      const whole = joined.length - (joined.length % size);
      if (whole > 0) put(viewBytes(dtype, joined.subarray(0, whole)) as ArrayLike<number>, index);
      index += whole / size;
      carry = Uint8Array.from(joined.subarray(whole));
    },
    count: () => index,
  };
}

/**
 * Reads a table into shared memory, row by row: of float64 the nearest float32, of Fortran's order the transposed.
 * @throws DATA_LOSS when there are fewer elements than the shape says, or more
 */
export async function fillMemory(
  elements: Elements,
  dtype: NumericDType,
  stored: StoredType,
): Promise<SharedArrayBuffer> {
  const [rows = 0, width = 0] = elements.shape;
  const length = rows * width;
  const memory = new SharedArrayBuffer(length * storedBytes[stored]);
  const table = storedView(stored, memory);
  const check = (count: number) => {
    if (count <= length) return;
    throw dataLoss(`${elements.what} has more than the ${length} elements of its shape [${elements.shape}]`);
  };
  const put = (piece: ArrayLike<number>, index: number) => {
    check(index + piece.length);
    if (!elements.fortran) return table.set(piece, index);
    let [row, column] = [index % rows, Math.floor(index / rows)];
    for (let i = 0; i < piece.length; i++) {
      table[row * width + column] = piece[i]!;
      if (++row === rows) [row, column] = [0, column + 1];
    }
  };
  const whole = wholeElements(dtype, put);
  await elements.read(whole.take);
  if (whole.count() === length) return memory;
  throw dataLoss(
    `${elements.what} was cut short: ${whole.count()} of the ${length} elements of its shape [${elements.shape}]`,
  );
}

/** A small array of floating point numbers, as float32. */
export async function readNumbers(elements: Elements): Promise<Float32Array> {
  const { dtype } = elements;
  if (dtype !== "float32" && dtype !== "float64") {
    throw dataLoss(`${elements.what} holds ${dtype ?? "no numbers"}; expected float32 or float64`);
  }
  const pieces: Uint8Array[] = [];
  await elements.read((piece) => pieces.push(Uint8Array.from(piece)));
  const numbers = Float32Array.from(viewBytes(dtype, Buffer.concat(pieces)));
  const shared = new Float32Array(new SharedArrayBuffer(numbers.byteLength));
  bytesOf(shared).set(bytesOf(numbers));
  return shared;
}
