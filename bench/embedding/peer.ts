import { execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const python = process.env.SALVER_TEST_PYTHON || "python3";
const script = fileURLToPath(new URL("./peer.py", import.meta.url));

/** Requests a second, and the numbers that the first answer began with. */
export type PeerFigures = { readonly perSecond: number; readonly first: readonly number[] };

/** NumPy in a process of its own. */
export interface Numpy extends Disposable {
  /** Milliseconds from the file to the table. */
  load(file: string): Promise<number>;
  /** Does one thing again and again in a loop of its own: the way between the processes is not in the figures. */
  timed(task: "gather" | "mean" | "nearest", seconds: number, request: object): Promise<PeerFigures>;
}

export const hasNumpy = (): Promise<boolean> =>
  new Promise((resolve) => execFile(python, ["-c", "import numpy"], (error) => resolve(error === null)));

export function startNumpy(): Numpy {
  const child = spawn(python, [script], { stdio: ["pipe", "pipe", "ignore"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const talk = async <T>(message: object): Promise<T> => {
    child.stdin.write(`${JSON.stringify(message)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error("NumPy's process has ended");
    return JSON.parse(value) as T;
  };
  return {
    load: async (file) => (await talk<{ milliseconds: number }>({ do: "load", file })).milliseconds,
    timed: (task, seconds, request) => talk<PeerFigures>({ do: "timed", task, seconds, ...request }),
    [Symbol.dispose]: () => child.kill(),
  };
}
