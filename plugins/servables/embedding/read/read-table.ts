import { statSync } from "node:fs";
import { type DType, failedPrecondition, layouts, type NumericDType } from "../../../../core/index.js";
import type { TokenTableParts } from "../../../../formats/token-table/token-table.js";
import type { TableFiles } from "../files.js";
import { type MatrixParts, type StoredType, storedBytes } from "../table/matrix.js";
import type { Elements } from "./elements.js";
import { fillMemory, readNumbers, storedTypeOf } from "./fill.js";
import { indexKeys, readKeys } from "./keys.js";
import { npyElements, npzElements } from "./numpy.js";
import { onnxElements } from "./onnx.js";
import { safetensorsElements } from "./safetensors.js";
import { variableElements } from "./variable.js";
import { measureWords, readWords } from "./word2vec.js";

export type ReadRequest = {
  readonly files: TableFiles;
  readonly variable: string | undefined;
  /** Whether a table may be left in its file. */
  readonly map: boolean;
  readonly scale: number | undefined;
};

/** Where a table lies in a file, to be mapped. */
export type FilePlace = { readonly path: string; readonly offset: number; readonly length: number };

export type ReadTable = Omit<MatrixParts, "memory"> & {
  /** Names the table in errors. */
  readonly what: string;
  readonly memory: SharedArrayBuffer | FilePlace;
  readonly keys?: TokenTableParts;
};

/** Below this, a table is read: sharing it would save nothing. */
const LEAST_MAPPED = 4 * 2 ** 20;
const MOST_ROWS = 2 ** 31 - 1;
const MOST_WIDTH = 2 ** 16;

function elementsOf({ files, variable }: ReadRequest): Elements | Promise<Elements> {
  const { kind, path, name } = files;
  if (kind === "npy") return npyElements(path, name);
  if (kind === "npz") return npzElements(path, name, variable);
  if (kind === "safetensors") return safetensorsElements(path, name, variable);
  if (kind === "onnx") return onnxElements(path, name, variable);
  return variableElements(path, variable);
}

type Described = { readonly elements: Elements; readonly dtype: NumericDType; readonly stored: StoredType };

function describe(elements: Elements): Described {
  const { what, dtype, shape } = elements;
  const stored = storedTypeOf(dtype);
  if (stored === undefined) {
    throw failedPrecondition(
      `${what} is of ${dtype ?? "an unknown type"}; a table is float32, float16, bfloat16, float64 or int8`,
    );
  }
  const [rows = 0, width = 0] = shape;
  if (shape.length !== 2 || rows < 1 || rows > MOST_ROWS || width < 1 || width > MOST_WIDTH) {
    throw failedPrecondition(
      `${what} has the shape [${shape}]; a table has two dimensions, rows (1 to ${MOST_ROWS}) and width (1 to ${MOST_WIDTH})`,
    );
  }
  return { elements, dtype: dtype as NumericDType, stored };
}

function mappable({ elements, dtype, stored }: Described): FilePlace | undefined {
  const { place, fortran, shape } = elements;
  const [rows = 0, width = 0] = shape;
  const length = rows * width * storedBytes[stored];
  const isStored = (dtype as DType) === stored && (!fortran || rows === 1 || width === 1);
  if (!place || !isStored || length < LEAST_MAPPED || place.offset % layouts[dtype].bytes !== 0) return undefined;
  return { ...place, length };
}

export type Measured = { readonly rows: number; readonly width: number; readonly memory: number };

/** A table's size, and the memory that reading and keeping it take: an upper bound in bytes, none of a table that stays in its file. */
export async function measureTable(request: ReadRequest): Promise<Measured> {
  const { files, map } = request;
  const sizeOf = (path: string | undefined) => (path ? statSync(path).size : 0);
  // The keys as they are, indexed, and while both are made; a key has one byte and its line's end at least.
  const keys = 12 * sizeOf(files.keys);
  if (files.kind === "word2vec binary" || files.kind === "word2vec text") {
    return { ...measureWords(files), memory: 8 * sizeOf(files.path) };
  }
  const described = describe(await elementsOf(request));
  const [rows = 0, width = 0] = described.elements.shape;
  const table = map && mappable(described) ? 0 : rows * width * storedBytes[described.stored];
  const whole = files.kind === "onnx" ? sizeOf(files.path) : files.kind === "savedmodel" ? table : 0;
  return { rows, width, memory: keys + table + whole + 2 * sizeOf(files.scales) };
}

async function scalesOf(
  { files, scale }: ReadRequest,
  stored: StoredType,
  rows: number,
): Promise<Float32Array | undefined> {
  const given = files.scales !== undefined || scale !== undefined;
  if (stored !== "int8") {
    if (given) throw failedPrecondition(`a scale is for int8, and the table is ${stored}`);
    return undefined;
  }
  if (files.scales === undefined) {
    if (scale !== undefined) return Float32Array.of(scale);
    throw failedPrecondition(
      "an int8 table needs a scale: scale.npy beside it (one number, or one a row) or the option `scale`",
    );
  }
  if (scale !== undefined)
    throw failedPrecondition("there is a scale.npy, and the option `scale` besides: only one can hold");
  const scales = await readNumbers(npyElements(files.scales, "scale.npy"));
  if (scales.length !== 1 && scales.length !== rows) {
    throw failedPrecondition(`scale.npy has ${scales.length} numbers; expected 1, or ${rows}, one a row`);
  }
  const bad = scales.findIndex((each) => !Number.isFinite(each));
  if (bad >= 0) throw failedPrecondition(`scale.npy, row ${bad}: ${scales[bad]}`);
  return scales;
}

/**
 * Reads a version's table, or finds where in its file it can be mapped. Blocks; it is for a thread.
 * @throws ServingError; messages name the file and the place in it
 */
export async function readTable(request: ReadRequest): Promise<ReadTable> {
  const { files, map } = request;
  if (files.kind === "word2vec binary" || files.kind === "word2vec text") {
    if (files.keys) throw failedPrecondition(`${files.name} has its keys inside, and there is a keys.txt besides`);
    const { rows, width, memory, tokens } = readWords(files);
    describe({ what: files.name, dtype: "float32", shape: [rows, width], fortran: false, read: () => {} });
    const keys = indexKeys(tokens, files.name, (row) => `word ${row + 1}`);
    return { what: files.name, dtype: "float32", rows, width, memory, keys };
  }
  const described = describe(await elementsOf(request));
  const { elements, dtype, stored } = described;
  const [rows = 0, width = 0] = elements.shape;
  const scales = await scalesOf(request, stored, rows);
  const keys = files.keys ? readKeys(files.keys, rows) : undefined;
  const memory = (map ? mappable(described) : undefined) ?? (await fillMemory(elements, dtype, stored));
  return {
    what: elements.what,
    dtype: stored,
    rows,
    width,
    memory,
    ...(scales ? { scales } : {}),
    ...(keys ? { keys } : {}),
  };
}
