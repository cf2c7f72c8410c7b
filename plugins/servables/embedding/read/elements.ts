import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { type DType, dataLoss, failedPrecondition } from "../../../../core/index.js";

/** A table's elements as a file has them. */
export type Elements = {
  /** Names them in errors. */
  readonly what: string;
  /** undefined for a type that has no name here. */
  readonly dtype: DType | undefined;
  readonly shape: readonly number[];
  /** Whether the first dimension is the one that changes fastest. */
  readonly fortran: boolean;
  /** Where they lie in a file as they are. */
  readonly place?: { readonly path: string; readonly offset: number };
  /** Gives their little-endian bytes in pieces, in order; a piece is valid during the call only. */
  read(take: (piece: Uint8Array) => void): void | Promise<void>;
};

const PIECE = 8 * 2 ** 20;

/** An open file of a version. */
export interface TableFile extends Disposable {
  readonly size: number;
  /** The first `length` bytes from `offset` on, fewer where the file ends. */
  bytes(offset: number, length: number): Uint8Array;
  /** The bytes from `offset` on in pieces that are valid until the next one. @throws DATA_LOSS when the file ends before */
  pieces(offset: number, length: number): Generator<Uint8Array>;
}

/** `name` stands for it in errors. @throws FAILED_PRECONDITION when it cannot be read */
export function openTableFile(path: string, name: string): TableFile {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (cause) {
    throw failedPrecondition(`${name} is not there, or cannot be read`, cause);
  }
  const fill = (into: Uint8Array, offset: number): number => {
    let done = 0;
    while (done < into.length) {
      const count = readSync(fd, into, done, into.length - done, offset + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  };
  return {
    size: fstatSync(fd).size,
    bytes: (offset, length) => {
      const into = new Uint8Array(length);
      return into.subarray(0, fill(into, offset));
    },
    pieces: function* (offset, length) {
      const piece = new Uint8Array(Math.min(PIECE, length));
      for (let done = 0; done < length; ) {
        const wanted = piece.subarray(0, Math.min(piece.length, length - done));
        const got = fill(wanted, offset + done);
        if (got < wanted.length)
          throw dataLoss(`${name} was cut short while it was read, at byte ${offset + done + got}`);
        yield wanted;
        done += got;
      }
    },
    [Symbol.dispose]: () => closeSync(fd),
  };
}

/** Elements that lie in a file as they are. */
export function elementsInFile(
  { what, dtype, shape, fortran }: Pick<Elements, "what" | "dtype" | "shape" | "fortran">,
  path: string,
  offset: number,
  length: number,
): Elements {
  const read = (take: (piece: Uint8Array) => void) => {
    using file = openTableFile(path, what);
    for (const piece of file.pieces(offset, length)) take(piece);
  };
  return { what, dtype, shape, fortran, place: { path, offset }, read };
}

/** The one that is meant of a file's tensors: `wanted`, or the one called `embeddings`, or the only one. */
export function chooseTensor(names: readonly string[], wanted: string | undefined, what: string): string {
  if (wanted !== undefined && names.includes(wanted)) return wanted;
  const shown = names.length > 12 ? `${names.slice(0, 12).join(", ")} and ${names.length - 12} more` : names.join(", ");
  if (wanted !== undefined) throw failedPrecondition(`${what} has no "${wanted}"; it has ${shown || "none"}`);
  if (names.includes("embeddings")) return "embeddings";
  const [only, ...others] = names;
  if (only !== undefined && others.length === 0) return only;
  if (only === undefined) throw failedPrecondition(`${what} has no table`);
  throw failedPrecondition(`${what} has several tensors: ${shown}. Name one by the option \`variable\``);
}
