import type { SoakResult } from "./drive.js";

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Memory once everything is warm, in the run's second quarter, and in its last, in MB. */
export function memoryOf({ memory }: SoakResult): { readonly warm: number; readonly end: number } {
  const quarter = Math.ceil(memory.length / 4);
  return { warm: median(memory.slice(quarter, 2 * quarter)), end: median(memory.slice(-quarter)) };
}

/** What is wrong with a result; empty when it is good. Memory may grow by a tenth and 16 MB between the two samples. */
export function faultsOf(result: SoakResult): string[] {
  const { warm, end } = memoryOf(result);
  const faults = [...result.complaints];
  if (result.wrong > 0) faults.push(`${result.wrong} wrong results`);
  if (result.right + result.cancelled + result.wrong !== result.runs) faults.push("some runs never settled");
  if (end > warm * 1.1 + 16) faults.push(`memory grew from ${warm.toFixed(0)} to ${end.toFixed(0)} MB`);
  return faults;
}

/** The results side by side, for people. */
export function table(results: readonly SoakResult[]): string {
  const header = ["engine", "runs", "runs/s", "wrong", "cancelled", "sessions", "MB warm", "MB end", "MB peak"];
  const rows = results.map((result) => {
    const { warm, end } = memoryOf(result);
    return [
      result.engine,
      result.runs,
      Math.round(result.runs / result.seconds),
      result.wrong,
      result.cancelled,
      result.sessions,
      warm.toFixed(0),
      end.toFixed(0),
      Math.max(...result.memory).toFixed(0),
    ].map(String);
  });
  const widths = header.map((text, column) => Math.max(text.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [header, ...rows].map((row) => row.map((cell, i) => cell.padStart(widths[i] ?? 0)).join("  ")).join("\n");
}
