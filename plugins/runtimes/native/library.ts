import type { TypeObject } from "koffi";
import { callAsync, type NativeFunction } from "./call.js";
import { holdForever } from "./hold.js";
import { koffi } from "./koffi.js";
import { lanes } from "./lanes.js";
import { cString } from "./memory.js";

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
 * The library, its types and its functions live as long as the process. Blocks for as long as the dynamic linker works;
 * see `openLibrary`.
 * @throws Error with the path and the dynamic linker's text
 */
export function loadLibrary(path: string, options: LoadOptions = {}): NativeLibrary {
  const known = loaded.get(path);
  if (known) return known;
  const handle = open(path, options);
  const library: NativeLibrary = {
    path,
    func: <A extends readonly unknown[], R>(name: string, result: NativeType, args: readonly NativeType[]) =>
      holdForever(handle.func(name, result, [...args])) as unknown as NativeFunction<A, R>,
  };
  loaded.set(path, library);
  return library;
}

function open(path: string, { lazy = false, global = false }: LoadOptions) {
  try {
    return holdForever(koffi.load(path, { lazy, global }));
  } catch (cause) {
    throw new Error(`cannot load ${path}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/**
 * `loadLibrary` with the dynamic linker's work (50 ms for 45 MB) done on another thread, where the platform allows it.
 * @throws Error with the path and the dynamic linker's text
 */
export async function openLibrary(path: string, options: LoadOptions = {}): Promise<NativeLibrary> {
  if (process.platform !== "win32" && !loaded.has(path)) {
    const name = cString(path);
    // What fails here fails again below, with a text.
    await callAsync(dlopen(), [name, dlopenFlags(options)], { keep: [name], lane: lanes.loads });
  }
  return loadLibrary(path, options);
}

function dlopen(): NativeFunction<[Uint8Array, number], bigint | null> {
  const self = holdForever(koffi.load(null));
  return holdForever(self.func("dlopen", "void *", ["void *", "int"])) as unknown as ReturnType<typeof dlopen>;
}

function dlopenFlags({ lazy = false, global = false }: LoadOptions): number {
  const RTLD_GLOBAL = process.platform === "darwin" ? 0x8 : 0x100;
  return (lazy ? 1 : 2) | (global ? RTLD_GLOBAL : 0);
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
