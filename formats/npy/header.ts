import {
  type DType,
  dataLoss,
  elementCount,
  failedPrecondition,
  layouts,
  type NumericDType,
} from "../../core/index.js";

/** Where and how the elements of a NumPy array lie in its file. */
export type NpyHeader = {
  readonly dtype: NumericDType;
  readonly shape: readonly number[];
  /** Whether the first dimension is the one that changes fastest. */
  readonly fortran: boolean;
  /** Bytes before the first element. */
  readonly offset: number;
  /** Bytes of the elements. */
  readonly length: number;
};

// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** As many bytes as any array of numbers needs before its elements; a file may be shorter. */
export const NPY_HEADER_BYTES = 65_536;

const types: Readonly<Record<string, NumericDType>> = {
  f2: "float16",
  f4: "float32",
  f8: "float64",
  i1: "int8",
  i2: "int16",
  i4: "int32",
  i8: "int64",
  u1: "uint8",
  u2: "uint16",
  u4: "uint32",
  u8: "uint64",
  b1: "bool",
};

function dtypeOf(descr: string, what: string): NumericDType {
  const [, order = "", type = ""] = /^([<>|=])(\w+)$/.exec(descr) ?? [];
  const dtype = types[type];
  if (dtype === undefined) throw failedPrecondition(`${what} has elements of NumPy's type ${descr}, not of numbers`);
  if (order === ">" && layouts[dtype as Exclude<DType, "string">].bytes > 1) {
    throw failedPrecondition(`${what} is big-endian (${descr}); save it with .astype("<${type}")`);
  }
  return dtype;
}

function shapeOf(text: string, what: string): number[] {
  const shape = text.split(",").flatMap((size) => (size.trim() === "" ? [] : [Number(size)]));
  if (shape.some((size) => !Number.isSafeInteger(size) || size < 0) || !Number.isSafeInteger(8 * elementCount(shape))) {
    throw dataLoss(`${what} declares the shape (${text.trim()})`);
  }
  return shape;
}

/** The header is a Python dictionary of three entries, in any order. */
function parse(text: string, what: string): Pick<NpyHeader, "dtype" | "shape" | "fortran"> {
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(text)?.[1];
  if (descr === undefined && /'descr'\s*:\s*\[/.test(text)) {
    throw failedPrecondition(`${what} has structured elements; an array of plain numbers is wanted`);
  }
  if (descr === undefined || order === undefined || shape === undefined) {
    throw dataLoss(`${what} has a header that says not what it holds: ${JSON.stringify(text.slice(0, 100))}`);
  }
  return { dtype: dtypeOf(descr, what), shape: shapeOf(shape, what), fortran: order === "True" };
}

/**
 * Reads the header at the start of `bytes`: the file, or its first `NPY_HEADER_BYTES`. `what` names it in errors.
 * @throws DATA_LOSS for what is no array or was cut short; FAILED_PRECONDITION for types that are no little-endian numbers
 */
export function readNpyHeader(bytes: Uint8Array, what: string): NpyHeader {
  if (bytes.length < 10 || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw dataLoss(`${what} is no NumPy array: it does not begin with \\x93NUMPY`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6]!;
  if (version < 1 || version > 3)
    throw failedPrecondition(`${what} is of version ${version} of NumPy's format, not 1 to 3`);
  const start = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : bytes.length < 12 ? 0 : view.getUint32(8, true);
  const offset = start + length;
  if (offset > bytes.length) {
    throw dataLoss(`${what} was cut short: its header takes ${offset} bytes, there are ${bytes.length}`);
  }
  const said = parse(Buffer.from(bytes.subarray(start, offset)).toString("latin1"), what);
  return { ...said, offset, length: elementCount(said.shape) * layouts[said.dtype].bytes };
}

/** @throws DATA_LOSS when `header` and the size of its file do not agree */
export function checkNpySize({ offset, length, shape, dtype }: NpyHeader, size: number, what: string): void {
  if (offset + length === size) return;
  const wanted = `${dtype} [${shape}] takes ${offset + length} bytes with its header`;
  throw dataLoss(
    `${what} ${offset + length > size ? "was cut short" : "has more than it says"}: ${wanted}, the file has ${size}`,
  );
}
