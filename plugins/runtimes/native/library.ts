import type { TypeObject } from "koffi";
import type { NativeFunction } from "./call.js";
import { holdForever } from "./hold.js";
import { koffi } from "./koffi.js";

/** A type by C's name (`"int32_t"`, `"void *"`) or one that koffi made. */
export type NativeType = string | TypeObject;

export interface NativeLibrary {
  readonly path: string;
  /** A function by its symbol. @throws Error when the library has none of that name */
  func<A extends readonly unknown[], R>(
    name: string,
    result: NativeType,
    args: readonly NativeType[],
  ): NativeFunction<A, R>;
}

export type LoadOptions = {
  /** Binds symbols when first called instead of all at once: large libraries load faster. */
  readonly lazy?: boolean;
  /** Offers its symbols to libraries loaded later. */
  readonly global?: boolean;
};

const loaded = new Map<string, NativeLibrary>();

/**
 * Loads a shared library, once a path, and never unloads it: closing a library that has threads of its own is a crash.
 * The library, its types and its functions live as long as the process.
 * @throws Error with the dynamic linker's text
 */
export function loadLibrary(path: string, options: LoadOptions = {}): NativeLibrary {
  const known = loaded.get(path);
  if (known) return known;
  const handle = holdForever(koffi.load(path, { lazy: options.lazy ?? false, global: options.global ?? false }));
  const library: NativeLibrary = {
    path,
    func: <A extends readonly unknown[], R>(name: string, result: NativeType, args: readonly NativeType[]) =>
      holdForever(handle.func(name, result, [...args])) as unknown as NativeFunction<A, R>,
  };
  loaded.set(path, library);
  return library;
}

/** The C function at `address`, e.g. out of a table of function pointers. */
export function functionAt<A extends readonly unknown[], R>(
  address: bigint,
  result: NativeType,
  args: readonly NativeType[],
): NativeFunction<A, R> {
  const proto = holdForever(koffi.proto(result, [...args]));
  return holdForever(koffi.decode(address, proto)) as NativeFunction<A, R>;
}
