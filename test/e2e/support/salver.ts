import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../../../cli/bin/salver.cjs", import.meta.url));

export type Run = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Runs the real command to its end. */
export async function salver(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Run> {
  const child = spawn(process.execPath, [bin, ...args], { ...options, env: { ...process.env, ...options.env } });
  const output = collect(child);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, ...output() };
}

function collect(child: ChildProcess): () => { stdout: string; stderr: string } {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  return () => ({ stdout, stderr });
}

export type Serving = {
  readonly rest: string;
  readonly grpc: string;
  /** What `salver serve` printed until it was ready. */
  readonly stdout: string;
  readonly pid: number;
  /** From the start of the process to its ready line, ms. */
  readonly startedIn: number;
  /** What was logged so far, a JSON object a line. */
  logged(): string;
  /** Resolves when the process has ended, for whatever reason. */
  readonly ended: Promise<Run>;
  /** Sends SIGTERM and waits for the end. */
  stop(): Promise<Run>;
};

/** `salver serve` as a process of its own; resolves when it says that it is ready. */
export async function serve(
  config: string,
  flags: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Serving> {
  const start = performance.now();
  const args = [bin, "serve", config, "--log-format", "json", ...flags];
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env } });
  const output = collect(child);
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const text = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", () => /^ready /m.test(output().stdout) && resolve(output().stdout));
    ended.then(() => reject(new Error(`salver serve ended before it was ready:\n${output().stderr}`)));
  });
  const port = (protocol: string) => new RegExp(`^${protocol}\\s+\\S*:(\\d+)$`, "m").exec(text)?.[1];
  return {
    rest: `http://127.0.0.1:${port("rest")}`,
    grpc: `127.0.0.1:${port("grpc")}`,
    stdout: text,
    pid: child.pid ?? 0,
    logged: () => output().stderr,
    startedIn: performance.now() - start,
    ended: ended.then((code) => ({ code, ...output() })),
    stop: async () => {
      child.kill("SIGTERM");
      const code = await ended;
      return { code, ...output() };
    },
  };
}
