import { readSafetensorsHeader, safetensorsHeaderLength } from "../../../../formats/safetensors/header.js";
import { chooseTensor, type Elements, elementsInFile, openTableFile } from "./elements.js";

const LENGTH_BYTES = 8;

export function safetensorsElements(path: string, name: string, variable: string | undefined): Elements {
  using file = openTableFile(path, name);
  const length = safetensorsHeaderLength(file.bytes(0, LENGTH_BYTES), file.size, name);
  const tensors = readSafetensorsHeader(file.bytes(LENGTH_BYTES, length), file.size, name);
  const chosen = chooseTensor([...tensors.keys()], variable, name);
  const tensor = tensors.get(chosen)!;
  const what = `"${chosen}" in ${name}`;
  return elementsInFile({ what, ...tensor, fortran: false }, path, tensor.offset, tensor.length);
}
