import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wheelFromPip } from "../../plugins/runtimes/libtensorflow/download.js";
import { findLibrary, installLibrary, type TfLibrary } from "../../plugins/runtimes/libtensorflow/index.js";
import { places } from "../../plugins/runtimes/libtensorflow/places.js";

/** Why the setup below could not get a library; inherited by the processes that run the test files. */
const REASON = "SALVER_TEST_TENSORFLOW_MISSING";
const SKIP = "SALVER_TEST_SKIP_TENSORFLOW";
const PIP_LIMIT = 3 * 60_000;

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** The library for a test file, or the reason to skip with. */
export async function libtensorflowForTests(): Promise<TfLibrary | { readonly missing: string }> {
  if (process.env[SKIP]) return { missing: `${SKIP} is set` };
  const result = await findLibrary();
  if ("found" in result) return result.found;
  return { missing: process.env[REASON] ?? "libtensorflow was not found; `salver tensorflow install` gets it" };
}

async function lies(): Promise<boolean> {
  for await (const place of places()) if ("files" in place) return true;
  return false;
}

async function install(): Promise<void> {
  const log = (line: string) => console.log(`libtensorflow for the tests: ${line}`);
  const wheel = process.env.SALVER_TEST_TENSORFLOW_WHEEL;
  if (wheel) {
    await installLibrary({ from: wheel, log });
    return;
  }
  const work = await mkdtemp(join(tmpdir(), "salver-wheel-"));
  try {
    const from = await wheelFromPip(work, log, PIP_LIMIT);
    if (from === undefined) throw new Error("it is not on this machine and pip cannot fetch it");
    await installLibrary({ from, log });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * Vitest's global setup: where there is no libtensorflow, gets one into Salver's cache, once for all test files.
 * `SALVER_TEST_TENSORFLOW_WHEEL` names a wheel to take it from; `SALVER_TEST_SKIP_TENSORFLOW` lets those tests be skipped.
 */
export async function setup(): Promise<void> {
  if (process.env[SKIP]) return;
  try {
    if (!(await lies())) await install();
  } catch (error) {
    process.env[REASON] = `no libtensorflow: ${messageOf(error)}`;
    console.log(process.env[REASON]);
  }
}
