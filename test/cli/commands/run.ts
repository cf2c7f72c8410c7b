import { vi } from "vitest";
import { main } from "../../../cli/main.js";

export type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs a command of `salver` in this process. */
export async function salver(...args: readonly string[]): Promise<Ran> {
  const [out, err]: [string[], string[]] = [[], []];
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation((text) => out.push(String(text)) > 0),
    vi.spyOn(process.stderr, "write").mockImplementation((text) => err.push(String(text)) > 0),
  ];
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    await main(["node", "salver", ...args]);
    return { code: Number(process.exitCode), stdout: out.join(""), stderr: err.join("") };
  } finally {
    process.exitCode = before;
    for (const spy of spies) spy.mockRestore();
  }
}
