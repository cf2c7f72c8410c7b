import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export type Command = {
  readonly file: string;
  readonly args: readonly string[];
  /** Beside what this process has; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
};

/** A process of ours and what it started, ended with it. */
export type Child = AsyncDisposable & {
  /** Rejects as soon as the process ends; never resolves. */
  readonly ended: Promise<never>;
  /** Microseconds of CPU, its children's included; NaN where there is no /proc. */
  cpu(): number;
  /** Bytes that lie in memory, its children's included; NaN where there is no /proc. */
  memory(): number;
};

const STOP_WAIT = 5000;
const OUTPUT_KEPT = 4000;
// CLK_TCK and the page size: what Linux has on every machine that Node is built for by default.
const [TICK_US, PAGE] = [10_000, 4096];

const groups = new Set<number>();
process.once("exit", () => {
  for (const group of groups) signalGroup(group, "SIGKILL");
});
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  process.once(signal, () => process.exit(code));
}

/** Starts it in a process group of its own, which ends with this process whatever happens. */
export function startChild({ file, args, env }: Command): Child {
  const child = spawn(file, args, {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  const { pid } = child;
  if (pid !== undefined) groups.add(pid);
  const output = keepTail(child);
  const ended = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => reject(new Error(`${file} ended with ${signal ?? code}: ${output()}`)));
  });
  ended.catch(() => {});
  return {
    ended,
    cpu: () => sumOf(pid, (stat) => (Number(stat[11]) + Number(stat[12])) * TICK_US),
    memory: () => sumOf(pid, (stat) => Number(stat[21]) * PAGE),
    [Symbol.asyncDispose]: async () => {
      if (pid === undefined) return;
      if (child.exitCode === null && child.signalCode === null) {
        signalGroup(pid, "SIGTERM");
        await Promise.race([once(child, "exit"), sleep(STOP_WAIT, undefined, { ref: false })]);
      }
      signalGroup(pid, "SIGKILL");
      groups.delete(pid);
    },
  };
}

function keepTail(child: ChildProcess): () => string {
  let tail = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      tail = (tail + text).slice(-OUTPUT_KEPT);
    });
  }
  return () => tail.trim();
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // Nobody is left.
  }
}

/** Over the processes of a group; the fields of /proc/<pid>/stat are counted from the state on, which is field 3 in proc(5). */
function sumOf(group: number | undefined, value: (stat: readonly string[]) => number): number {
  if (process.platform !== "linux") return Number.NaN;
  let sum = 0;
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = statOf(entry);
    if (Number(stat?.[2]) === group) sum += value(stat!);
  }
  return sum;
}

function statOf(pid: string): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name, in parentheses, may hold anything.
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
