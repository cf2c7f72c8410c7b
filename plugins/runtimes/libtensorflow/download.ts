import { createWriteStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { messageOf, ServingError, unavailable, unimplemented } from "../../../core/index.js";
import { type Log, progress } from "./progress.js";
import { interpreters, python } from "./python.js";

const FROM_HINT =
  "on a machine without network, fetch a tensorflow-cpu wheel or a libtensorflow archive elsewhere " +
  "and run `salver tensorflow install --from <file>`";

/** The last version whose C library TensorFlow offers as an archive (https://www.tensorflow.org/install/lang_c). */
const VERSION = "2.18.0";

const archives: Readonly<Record<string, string>> = {
  "linux-x64": "libtensorflow-cpu-linux-x86_64.tar.gz",
  "darwin-arm64": "libtensorflow-cpu-darwin-arm64.tar.gz",
  "win32-x64": "libtensorflow-cpu-windows-x86_64.zip",
};

/** The address of the official archive for this machine. @throws UNIMPLEMENTED where there is none */
export function official(platform: string = `${process.platform}-${process.arch}`): string {
  const archive = archives[platform];
  if (archive) return `https://storage.googleapis.com/tensorflow/versions/${VERSION}/${archive}`;
  throw unimplemented(
    `TensorFlow offers no C library for ${platform} and pip could not fetch a wheel; ` +
      "build or find one and run `salver tensorflow install --from <file>`",
  );
}

/** Downloads `url` into `folder` and returns the file. @throws UNAVAILABLE when it cannot be had */
export async function download(url: string, folder: string, log: Log): Promise<string> {
  log(`downloading ${url}`);
  const name = basename(new URL(url).pathname);
  const response = await fetch(url).catch((error: unknown) => {
    const reason = error instanceof Error && error.cause ? messageOf(error.cause) : messageOf(error);
    throw unavailable(`${url} cannot be reached (${reason}); ${FROM_HINT}`, error);
  });
  if (!response.ok || !response.body) {
    throw new ServingError("NOT_FOUND", `${url} answered ${response.status} ${response.statusText}; ${FROM_HINT}`);
  }
  const file = join(folder, name);
  const total = Number(response.headers.get("content-length") ?? 0);
  // Without a type the stream of fetch and that of node:stream do not know each other.
  const body = Readable.fromWeb(response.body as unknown as Parameters<typeof Readable.fromWeb>[0]);
  await pipeline(body, progress(name, total, log), createWriteStream(file));
  return file;
}

const PIP_LIMIT = 15 * 60_000;

/** Python versions to name when the interpreter's own has no wheel: only the libraries are wanted, any will do. */
const OTHER_PYTHONS = ["3.12", "3.11"];

/**
 * TensorFlow's wheel by the first interpreter whose pip can fetch it, which works behind mirrors too; undefined when none
 * can.
 */
export async function wheelFromPip(folder: string, log: Log, limit = PIP_LIMIT): Promise<string | undefined> {
  // Python's wheel for Windows has no library that exports the C interface.
  if (process.platform === "win32") return undefined;
  const name = process.platform === "darwin" || process.arch !== "x64" ? "tensorflow" : "tensorflow-cpu";
  const fetch = [
    "-m",
    "pip",
    "download",
    "--quiet",
    "--no-deps",
    "--only-binary=:all:",
    "--retries",
    "2",
    "--dest",
    folder,
  ];
  for (const interpreter of interpreters()) {
    const pip = await python(interpreter, ["-m", "pip", "--version"], 20_000).catch(() => undefined);
    if (pip === undefined) continue;
    log(`downloading ${name} with ${pip.split(" ").slice(0, 2).join(" ")}; about 250 MB`);
    let reason = "";
    for (const version of [[], ...OTHER_PYTHONS.map((other) => ["--python-version", other])]) {
      try {
        await python(interpreter, [...fetch, ...version, name], limit);
        const wheel = (await readdir(folder)).find((file) => file.endsWith(".whl"));
        if (wheel) return join(folder, wheel);
      } catch (error) {
        const { killed, stderr = "" } = error as { killed?: boolean; stderr?: string };
        reason = killed ? "it took too long" : (stderr.match(/^ERROR: .*$/gm)?.at(-1) ?? "");
        if (killed) break;
      }
    }
    log(`pip could not fetch it${reason && `: ${reason}`}`);
    return undefined;
  }
  log("no Python with pip here");
  return undefined;
}
