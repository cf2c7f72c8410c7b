import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../../../cli/bin/tensorflow_model_server.cjs", import.meta.url));

export type ModelServer = {
  readonly pid: number;
  stdout(): string;
  /** What was logged, as text. */
  stderr(): string;
  /** Resolves when the log has `text`. @throws when the process ends before */
  logged(text: string): Promise<void>;
  readonly ended: Promise<number | null>;
  /** Sends SIGTERM and waits for the end. */
  stop(): Promise<number | null>;
};

/** `tensorflow_model_server` as a process of its own. */
export function modelServer(args: readonly string[], env: NodeJS.ProcessEnv = {}): ModelServer {
  const child = spawn(process.execPath, [bin, ...args], { env: { ...process.env, ...env } });
  let stdout = "";
  let stderr = "";
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  return {
    pid: child.pid ?? 0,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    logged: (text) =>
      new Promise((resolve, reject) => {
        const look = () => stderr.includes(text) && resolve();
        child.stderr.on("data", look);
        look();
        ended.then((code) => reject(new Error(`ended with ${code} before it logged "${text}":\n${stdout}${stderr}`)));
      }),
    stop: () => {
      child.kill("SIGTERM");
      return ended;
    },
  };
}

/** Ports that were free a moment ago: TensorFlow Serving's flags cannot ask for any free one. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer().on("error", reject);
          server.listen(0, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
