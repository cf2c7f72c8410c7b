import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { failedPrecondition } from "../../../core/index.js";

export type OrtPackage = { readonly directory: string; readonly version: string };

/** The npm package that carries the library. @throws FAILED_PRECONDITION where it is not installed */
export function locatePackage(): OrtPackage {
  const require = createRequire(import.meta.url);
  try {
    const manifest = require.resolve("onnxruntime-node/package.json");
    const { version } = require(manifest) as { readonly version: string };
    return { directory: dirname(manifest), version };
  } catch (cause) {
    throw failedPrecondition("the npm package onnxruntime-node is not installed: npm install onnxruntime-node", cause);
  }
}

/** What the library is called inside the package, by platform; the later names are of older layouts. */
function libraryNames(platform: NodeJS.Platform, version: string): readonly string[] {
  if (platform === "win32") return ["onnxruntime.dll"];
  if (platform === "darwin") return ["libonnxruntime.1.dylib", `libonnxruntime.${version}.dylib`];
  return ["libonnxruntime.so.1", `libonnxruntime.so.${version}`];
}

/**
 * The path of libonnxruntime for this machine.
 * @throws FAILED_PRECONDITION where the package has none for this platform; the message says where it was looked for
 */
export function locateLibrary(
  { directory, version }: OrtPackage,
  platform: NodeJS.Platform = process.platform,
  arch: string = process.arch,
): string {
  const folder = join(directory, "bin", "napi-v6", platform, arch);
  const found = libraryNames(platform, version)
    .map((name) => join(folder, name))
    .find((path) => existsSync(path));
  if (found) return found;
  throw failedPrecondition(
    `onnxruntime-node ${version} carries no library for ${platform}/${arch}: looked in ${folder}`,
  );
}
