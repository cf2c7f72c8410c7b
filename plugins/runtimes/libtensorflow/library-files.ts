import { access } from "node:fs/promises";
import { join } from "node:path";

/** The files of one libtensorflow. */
export type LibraryFiles = {
  readonly path: string;
  /** The second library of a pair, loaded first; absent where the linker finds it by itself or there is none. */
  readonly framework?: string;
};

type Names = { readonly main: readonly string[]; readonly framework: readonly string[] };

/** `libtensorflow` is the C library, `libtensorflow_cc` the one in Python's wheel; both export the C interface. */
const names: Readonly<Partial<Record<NodeJS.Platform, Names>>> = {
  linux: {
    main: ["libtensorflow.so.2", "libtensorflow_cc.so.2", "libtensorflow.so"],
    framework: ["libtensorflow_framework.so.2", "libtensorflow_framework.so"],
  },
  darwin: {
    main: ["libtensorflow.2.dylib", "libtensorflow_cc.2.dylib", "libtensorflow.dylib"],
    framework: ["libtensorflow_framework.2.dylib", "libtensorflow_framework.dylib"],
  },
  win32: { main: ["tensorflow.dll"], framework: [] },
};

export const libraryNames: Names = names[process.platform] ?? { main: [], framework: [] };

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

async function firstIn(folder: string, candidates: readonly string[]): Promise<string | undefined> {
  for (const name of candidates) {
    const path = join(folder, name);
    if (await exists(path)) return path;
  }
  return undefined;
}

/** The libtensorflow that lies in `folder` itself; undefined when none does. */
export async function libraryIn(folder: string): Promise<LibraryFiles | undefined> {
  const path = await firstIn(folder, libraryNames.main);
  return path === undefined ? undefined : withFramework(path, folder);
}

/** A main library together with the framework library beside it. */
export async function withFramework(path: string, folder: string): Promise<LibraryFiles> {
  const framework = await firstIn(folder, libraryNames.framework);
  return framework === undefined ? { path } : { path, framework };
}
