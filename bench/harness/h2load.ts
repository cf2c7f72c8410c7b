import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quantile } from "./stats.js";
import { findTool, runTool } from "./tools.js";

/** The same request again and again, over HTTP/2 without TLS or HTTP/1.1. */
export type Target = {
  readonly url: string;
  readonly http1: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
  /** Bytes of the body of a good reply; any other counts as bad. */
  readonly replyBytes: number;
};

export type Burst = {
  readonly requests: number;
  readonly perSecond: number;
  /** ms */
  readonly p50: number;
  readonly p99: number;
  /** Replies that were missing, of another status than 200, or, counted by their bytes, not the one wanted. */
  readonly bad: number;
};

export type LoadGenerator = AsyncDisposable & {
  /** So many requests, `callers` of them in flight all the time. */
  burst(requests: number, callers: number): Promise<Burst>;
};

/** @throws when it is not there */
export async function requireH2load(): Promise<void> {
  if (!(await findTool("h2load"))) throw new Error("h2load is not installed (Debian: nghttp2-client)");
}

/** A connection on which nothing happens for so long is given up; what was asked on it counts as bad. */
const SILENCE = "30s";

/** Callers share connections over HTTP/2, as those of a few client processes do: 16 are 4 on 4, 64 are 8 on 8. */
const connectionsFor = (callers: number, http1: boolean) => (http1 ? callers : Math.round(Math.sqrt(callers)));

export async function h2load({ url, http1, headers, body, replyBytes }: Target): Promise<LoadGenerator> {
  const folder = await mkdtemp(join(tmpdir(), "salver-bench-"));
  const [bodyFile, logFile] = [join(folder, "body"), join(folder, "log")];
  await writeFile(bodyFile, body);
  const lines = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  return {
    burst: async (requests, callers) => {
      const connections = connectionsFor(callers, http1);
      const streams = Math.ceil(callers / connections);
      const total = Math.max(requests, callers);
      await writeFile(logFile, "");
      const shape = ["-n", String(total), "-c", String(connections), "-m", String(streams), "-t", "1", "-N", SILENCE];
      const out = await runTool("h2load", [
        ...shape,
        ...(http1 ? ["--h1"] : []),
        ...["-d", bodyFile, ...lines, `--log-file=${logFile}`, url],
      ]);
      return { requests: total, ...readReport(out, await readFile(logFile, "latin1"), total, replyBytes) };
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** What h2load wrote to its output and into its log, for so many requests. @throws when it cannot be understood */
export function readReport(out: string, log: string, total: number, replyBytes: number): Omit<Burst, "requests"> {
  const number = (pattern: RegExp) => Number(pattern.exec(out)?.[1]);
  const data = number(/\((\d+)\) data/);
  const answered = number(/status codes: (\d+) 2xx/);
  if (Number.isNaN(data + answered)) throw new Error(`h2load's report was not understood:\n${out}`);
  const rows = log.split("\n").filter((line) => line !== "");
  const [starts, times] = [new Float64Array(rows.length), new Float64Array(rows.length)];
  for (const [i, line] of rows.entries()) {
    const [start, , time] = line.split("\t");
    starts[i] = Number(start) / 1000;
    times[i] = Number(time) / 1000;
  }
  let [first, last] = [Number.POSITIVE_INFINITY, 0];
  for (let i = 0; i < starts.length; i++) {
    first = Math.min(first, starts[i]!);
    last = Math.max(last, starts[i]! + times[i]!);
  }
  return {
    // By the log and not by h2load's own clock, which counts the connecting.
    perSecond: rows.length === 0 ? 0 : (rows.length * 1000) / (last - first),
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    bad: Math.min(total, Math.max(total - answered, Math.ceil(Math.abs(total * replyBytes - data) / replyBytes))),
  };
}
