import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Serving } from "../support/serve.js";

const client = fileURLToPath(new URL("./client.py", import.meta.url));

/** The same question from Python, where there is one. @throws when it is answered otherwise */
export async function askFromPython({ rest, grpc }: Serving, expected: readonly string[]): Promise<void> {
  const python = process.env.PYTHON ?? "python3";
  try {
    const { stdout } = await promisify(execFile)(python, [client, rest, grpc, ...expected]);
    process.stdout.write(stdout);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    console.log(`Python client: skipped, there is no ${python} here; set PYTHON to one`);
  }
}
