import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseVersion } from "../../../artifacts/version-name.js";
import type { Clock, Logger } from "../../../core/index.js";
import { settling } from "./settling.js";

export type Look = {
  /** Paths by version. */
  readonly versions: ReadonlyMap<bigint, string>;
  /** Milliseconds until a version that is still changing could be taken; `undefined` when none is. */
  readonly due: number | undefined;
};

/** Looks into one folder, again and again. */
export interface VersionFolder {
  /** @throws the system's error when the folder cannot be read */
  look(): Promise<Look>;
}

type Candidate = { readonly version: bigint; readonly path: string };

const isModelFile = (name: string) =>
  name === "saved_model.pb" || name === "saved_model.pbtxt" || name.endsWith(".onnx");

/** What of `base` may be a version. Of two names for one number the last in sort order comes last. */
async function candidates(base: string): Promise<{ found: readonly Candidate[]; single: boolean }> {
  const itself = [{ version: 1n, path: base }];
  if (!(await stat(base)).isDirectory()) return { found: itself, single: true };
  const names = (await readdir(base)).sort();
  const found = names.flatMap((name) => {
    const version = parseVersion(name);
    return version === undefined ? [] : [{ version, path: join(base, name) }];
  });
  if (found.length === 0 && names.some(isModelFile)) return { found: itself, single: true };
  return { found, single: false };
}

export function versionFolder(base: string, settle: number, clock: Clock, log: Logger): VersionFolder {
  const state = settling(settle, clock, log);
  const said = new Set<string>();
  const sayOnce = (level: "info" | "warn", message: string) => {
    if (!said.has(message)) log[level]({ path: base }, message);
    said.add(message);
  };

  return {
    async look() {
      const { found, single } = await candidates(base);
      const settled = await state.settled(found.map((each) => each.path));
      const versions = new Map<bigint, string>();
      for (const { version, path } of found) {
        if (!settled.has(path)) continue;
        const other = versions.get(version);
        if (other) sayOnce("warn", `${other} and ${path} are both version ${version}: the second is taken`);
        versions.set(version, path);
      }
      if (single && versions.size > 0) sayOnce("info", `${base} is a model itself and is served as version 1`);
      return { versions, due: state.due() };
    },
  };
}
