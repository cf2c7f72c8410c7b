import { spawn } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../../cli/bin/salver.cjs", import.meta.url));

export type Serving = AsyncDisposable & {
  /** A copy of the example: what is put into it goes live. */
  readonly folder: string;
  /** http://127.0.0.1:… */
  readonly rest: string;
  /** 127.0.0.1:… */
  readonly grpc: string;
};

/**
 * `salver serve` of a copy of an example's folder, in a process of its own and on free ports. `keep` says which of the
 * example's paths are in the copy.
 * @throws with what the server said when it does not come up
 */
export async function serve(example: URL, keep: (path: string) => boolean = () => true): Promise<Serving> {
  // Beside the example's own folder, so that plugins in it find their packages.
  const folder = await mkdtemp(join(fileURLToPath(new URL("../", example)), ".serving-"));
  const source = fileURLToPath(example);
  await cp(source, folder, { recursive: true, filter: (path) => keep(path.slice(source.length)) });
  const config = join(folder, "salver.config.yaml");
  await writeFile(config, (await readFile(config, "utf8")).replaceAll(/port: \d+/g, "port: 0"));
  const child = spawn(process.execPath, [bin, "serve", config, "--log-format", "json"]);
  let [said, complained] = ["", ""];
  child.stderr.on("data", (chunk) => {
    complained += chunk;
  });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const ready = await Promise.race([
    ended.then(() => false),
    new Promise<boolean>((resolve) => {
      child.stdout.on("data", (chunk) => {
        said += chunk;
        if (/^ready /m.test(said)) resolve(true);
      });
    }),
  ]);
  if (!ready) {
    await stop();
    throw new Error(`salver serve ended before it was ready:\n${complained}`);
  }
  const port = (protocol: string) => new RegExp(`^${protocol}\\s+\\S*:(\\d+)$`, "m").exec(said)?.[1];
  return {
    folder,
    rest: `http://127.0.0.1:${port("rest")}`,
    grpc: `127.0.0.1:${port("grpc")}`,
    [Symbol.asyncDispose]: stop,
  };
}
