import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { dataLoss, elementCount, failedPrecondition, isServingError, layouts } from "../../../../core/index.js";
import { type Initializer, readInitializer } from "../../../../formats/onnx/initializer.js";
import { readOnnxModel } from "../../../../formats/onnx/read-model.js";
import { chooseTensor, type Elements, elementsInFile, openTableFile } from "./elements.js";

function initializersOf(path: string, name: string): Map<string, Initializer> {
  const found = new Map<string, Initializer>();
  try {
    readOnnxModel(readFileSync(path), {
      initializer: (tensor) => {
        const initializer = readInitializer(tensor);
        found.set(initializer.name, initializer);
      },
    });
  } catch (error) {
    const detail = isServingError(error) ? `: ${error.message}` : "";
    throw dataLoss(`${name} is no ONNX model, or was cut short${detail}`, error);
  }
  return found;
}

/** Without `variable`, the only initializer of two dimensions. */
export function onnxElements(path: string, name: string, variable: string | undefined): Elements {
  const all = initializersOf(path, name);
  const tables = [...all.values()].filter(({ shape }) => shape.length === 2).map((each) => each.name);
  const chosen = chooseTensor(variable === undefined ? tables : [...all.keys()], variable, name);
  const initializer = all.get(chosen)!;
  const { dtype, type, shape } = initializer;
  const what = `initializer "${chosen}" of ${name}`;
  if (dtype === undefined || dtype === "string") throw failedPrecondition(`${what} is of ONNX's type ${type}`);
  const data = initializer.data();
  const wanted = elementCount(shape) * layouts[dtype].bytes;
  const check = (got: number) => {
    if (got !== wanted) throw dataLoss(`${what}, ${dtype} [${shape}], takes ${wanted} bytes, there are ${got}`);
  };
  if ("bytes" in data) {
    check(data.bytes.length);
    return { what, dtype, shape, fortran: false, read: (take) => take(data.bytes) };
  }
  const folder = dirname(path);
  const file = join(folder, data.file);
  if (relative(folder, file).startsWith("..")) {
    throw failedPrecondition(`${what} is said to be in ${data.file}, outside of the model's folder`);
  }
  using external = openTableFile(file, data.file);
  check(data.length ?? Math.max(0, external.size - data.offset));
  if (data.offset + wanted > external.size) {
    throw dataLoss(`${data.file} was cut short: ${what} ends at byte ${data.offset + wanted}, it has ${external.size}`);
  }
  return elementsInFile({ what, dtype, shape, fortran: false }, file, data.offset, wanted);
}
