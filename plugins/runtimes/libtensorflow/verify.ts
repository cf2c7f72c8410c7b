import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import { failedPrecondition } from "../../../core/index.js";
import type { LibraryFiles } from "./library-files.js";

const run = promisify(execFile);

// A program for `node -e`, so that it works from sources and from the built package alike. It exits by itself because
// a process that runs out of work closes its libraries first, and TensorFlow does not survive being closed.
const program = `
const koffi = require(process.argv[1]);
const libraries = process.argv.slice(2).map((file) => koffi.load(file, { lazy: true }));
const library = libraries[libraries.length - 1];
library.func("TF_LoadSessionFromSavedModel", "void *", []);
require("node:fs").writeSync(1, library.func("TF_Version", "str", [])());
process.exit(0);
`;

const LIMIT = 120_000;

/**
 * TensorFlow's version, asked of the library in a process of its own: a library for another machine may end it.
 * @throws FAILED_PRECONDITION with the linker's text when it does not load
 */
export async function verify({ path, framework }: LibraryFiles): Promise<string> {
  const koffi = createRequire(import.meta.url).resolve("koffi");
  const files = framework ? [framework, path] : [path];
  try {
    const { stdout } = await run(process.execPath, ["-e", program, koffi, ...files], { timeout: LIMIT });
    return stdout.trim();
  } catch (error) {
    const { stderr = "", signal } = error as { stderr?: string; signal?: string };
    const [line = "it gave no reason"] = /^\w*Error: .*$/m.exec(stderr) ?? [];
    const reason = signal ? `the process ended by ${signal}` : line.replace(/^\w*Error: /, "");
    throw failedPrecondition(`this libtensorflow does not load on this machine: ${reason}`, error);
  }
}
