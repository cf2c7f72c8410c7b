import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The Python interpreters worth asking, most explicit first. */
export function interpreters(env: NodeJS.ProcessEnv = process.env): readonly string[] {
  const inVenv = process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"];
  return [
    ...(env.SALVER_PYTHON ? [env.SALVER_PYTHON] : []),
    ...(env.VIRTUAL_ENV ? [join(env.VIRTUAL_ENV, ...inVenv)] : []),
    "python3",
    "python",
  ];
}

/** What Python prints, run with `args`. @throws when it is not there, fails, or takes longer than `timeout` ms */
export async function python(
  interpreter: string,
  args: readonly string[],
  timeout: number,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const { stdout } = await run(interpreter, [...args], { timeout, env, windowsHide: true });
  return stdout.trim();
}

// find_spec of a top-level package reads no code of it: importing tensorflow would take seconds.
const locate = `
import importlib.util
spec = importlib.util.find_spec("tensorflow")
print(spec.submodule_search_locations[0] if spec and spec.submodule_search_locations else "")
`;

/** The folder of Python's tensorflow package, or why there is none. */
export async function tensorflowPackage(
  interpreter: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ folder: string } | { result: string }> {
  try {
    const folder = await python(interpreter, ["-c", locate], 10_000, env);
    return folder === "" ? { result: "has no tensorflow package" } : { folder };
  } catch (error) {
    return { result: (error as { code?: unknown }).code === "ENOENT" ? "no such program" : "did not answer" };
  }
}
