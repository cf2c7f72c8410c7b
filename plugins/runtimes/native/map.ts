import { open } from "node:fs/promises";
import { callAsync, type NativeFunction } from "./call.js";
import { holdForever } from "./hold.js";
import { koffi } from "./koffi.js";
import { lanes } from "./lanes.js";
import type { Pointer } from "./memory.js";

/**
 * A file in memory without reading it: pages come from disk when they are first touched, and all processes that map the
 * file share them. Read-only: a write is the end of the process.
 *
 * Laws: no view of the memory, in any thread, is touched after disposal has begun. The file is not made shorter while it
 * is mapped: touching what it no longer has is SIGBUS, which nothing can catch. Replace such a file by renaming another
 * over it; the mapping keeps the old one.
 */
export interface FileMapping extends AsyncDisposable {
  readonly address: bigint;
  /** Bytes that may be touched. */
  readonly length: number;
  /** How many bytes one entry of `residency` speaks for. */
  readonly pageSize: number;
  /**
   * One byte a page, its lowest bit set where touching it needs no disk. undefined where the system does not tell.
   * Linux tells only who may write the file, and calls every page resident to others.
   */
  residency(): Promise<Uint8Array | undefined>;
}

type Calls = {
  readonly mmap: NativeFunction<[null, number, number, number, number, number], bigint | null>;
  readonly munmap: NativeFunction<[bigint, number], number>;
  readonly mincore: NativeFunction<[bigint, number, Pointer], number>;
  readonly pageSize: number;
};

// The same values on Linux and macOS.
const PROT_READ = 1;
const MAP_SHARED = 1;
const MAP_FAILED = 2n ** 64n - 1n;

let found: { readonly calls: Calls | undefined } | undefined;

function bind(): Calls | undefined {
  if (process.platform === "win32") return undefined;
  try {
    const self = holdForever(koffi.load(null));
    const func = (name: string, result: string, args: string[]) =>
      holdForever(self.func(name, result, args)) as unknown;
    return {
      mmap: func("mmap", "void *", ["void *", "size_t", "int", "int", "int", "int64_t"]) as Calls["mmap"],
      munmap: func("munmap", "int", ["void *", "size_t"]) as Calls["munmap"],
      mincore: func("mincore", "int", ["void *", "size_t", "void *"]) as Calls["mincore"],
      pageSize: (func("getpagesize", "int", []) as () => number)(),
    };
  } catch {
    return undefined;
  }
}

function calls(): Calls | undefined {
  found ??= { calls: bind() };
  return found.calls;
}

/** Whether this platform maps files; where it does not, read them. */
export const canMapFiles = (): boolean => calls() !== undefined;

async function mapped({ mmap }: Calls, path: string, length: number): Promise<bigint> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size < length) throw new Error(`the file has ${size} bytes, fewer than the ${length} that it had`);
    // The mapping outlives the descriptor.
    const address = await callAsync(mmap, [null, length, PROT_READ, MAP_SHARED, file.fd, 0], { lane: lanes.loads });
    if (address === null || address === MAP_FAILED) throw new Error("the system refused to map it");
    return address;
  } finally {
    await file.close();
  }
}

/**
 * Maps the first `length` bytes of a file.
 * @throws Error where `canMapFiles` is false, the file is shorter than `length` or the system refuses
 */
export async function mapFile(path: string, length: number): Promise<FileMapping> {
  const native = calls();
  if (!native) throw new Error("files cannot be mapped on this platform");
  const address = await mapped(native, path, length);
  const { pageSize } = native;
  const options = { lane: lanes.loads };
  const pending = new Set<Promise<unknown>>();
  let unmapped: Promise<unknown> | undefined;

  const residency = async (): Promise<Uint8Array | undefined> => {
    if (unmapped) return undefined;
    const pages = new Uint8Array(Math.ceil(length / pageSize));
    const asked = callAsync(native.mincore, [address, length, pages], options);
    pending.add(asked);
    try {
      return (await asked) === 0 ? pages : undefined;
    } finally {
      pending.delete(asked);
    }
  };
  return {
    address,
    length,
    pageSize,
    residency,
    [Symbol.asyncDispose]: async () => {
      unmapped ??= Promise.allSettled(pending).then(() => callAsync(native.munmap, [address, length], options));
      await unmapped;
    },
  };
}

/** The most bytes that one view of native memory has on every version of Node. */
export const MOST_VIEWED = 2 ** 31;

/**
 * Native memory as an ArrayBuffer, without a copy and without any say in how long the memory is there: the caller sees
 * to it that nobody touches the view after the memory is gone. At most `MOST_VIEWED` bytes.
 */
export const viewMemory = (address: bigint, length: number): ArrayBuffer => koffi.view(address, length);
