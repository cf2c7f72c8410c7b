import { checkNpySize, NPY_HEADER_BYTES, readNpyHeader } from "../../../../formats/npy/header.js";
import { openNpz } from "../../../../formats/npy/npz.js";
import { chooseTensor, type Elements, elementsInFile, openTableFile } from "./elements.js";

export function npyElements(path: string, name: string): Elements {
  using file = openTableFile(path, name);
  const header = readNpyHeader(file.bytes(0, NPY_HEADER_BYTES), name);
  checkNpySize(header, file.size, name);
  return elementsInFile({ what: name, ...header }, path, header.offset, header.length);
}

/** One that is stored can be read in place; one that is compressed is inflated into memory. */
export async function npzElements(path: string, name: string, variable: string | undefined): Promise<Elements> {
  using npz = await openNpz(path, name);
  const { name: chosen, size, offset } = await npz.member(chooseTensor(npz.names, variable, name));
  const what = `${chosen}.npy in ${name}`;
  if (offset !== undefined) {
    using file = openTableFile(path, name);
    const header = readNpyHeader(file.bytes(offset, Math.min(size, NPY_HEADER_BYTES)), what);
    checkNpySize(header, size, what);
    return elementsInFile({ what, ...header }, path, offset + header.offset, header.length);
  }
  const header = readNpyHeader(await headOf(path, name, chosen), what);
  checkNpySize(header, size, what);
  const read: Elements["read"] = async (take) => {
    using again = await openNpz(path, name);
    let skip = header.offset;
    await (await again.member(chosen)).read((piece) => {
      if (piece.length > skip) take(piece.subarray(skip));
      skip = Math.max(0, skip - piece.length);
    });
  };
  return { what, dtype: header.dtype, shape: header.shape, fortran: header.fortran, read };
}

class Enough extends Error {}

/** The first bytes of a compressed array; what follows is not inflated. */
async function headOf(path: string, name: string, member: string): Promise<Uint8Array> {
  using npz = await openNpz(path, name);
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    await (await npz.member(member)).read((piece) => {
      pieces.push(piece);
      length += piece.length;
      if (length >= NPY_HEADER_BYTES) throw new Enough();
    });
  } catch (error) {
    if (!(error instanceof Error && error.cause instanceof Enough)) throw error;
  }
  return Buffer.concat(pieces);
}
