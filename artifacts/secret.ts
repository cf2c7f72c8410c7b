import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { failedPrecondition, messageOf } from "../core/index.js";

const reference = /^\$\{(env|file):([^}]+)\}$/;

/**
 * The text that an option stands for: `${env:NAME}` is a variable of the environment, `${file:path}` a file's content
 * without white space around it, anything else itself. Read anew at each call, since secrets change while one runs.
 * @param option its name, for people
 * @param baseDir paths are relative to it
 * @throws ServingError FAILED_PRECONDITION when there is no such variable or file, or it is empty
 */
export async function readSecret(option: string, written: string, baseDir: string): Promise<string> {
  const [, kind, name = ""] = reference.exec(written) ?? [];
  if (!kind) return written;
  const value = kind === "env" ? process.env[name] : await readText(option, resolve(baseDir, name));
  if (value) return value;
  const what = kind === "env" ? `the variable ${name} of the environment` : `the file ${resolve(baseDir, name)}`;
  throw failedPrecondition(`${option} is ${written}, but ${what} is ${value === undefined ? "not set" : "empty"}`);
}

async function readText(option: string, path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    throw failedPrecondition(`${option} cannot be read from ${path}: ${messageOf(error)}`, error);
  }
}
