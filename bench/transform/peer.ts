import { execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { columns } from "./table.js";

const python = process.env.SALVER_TEST_PYTHON || "python3";
const script = fileURLToPath(new URL("./peer.py", import.meta.url));
const FIND = "import importlib.util as u, sys; sys.exit(not (u.find_spec('sklearn') and u.find_spec('pandas')))";

/** Of each feature that is a number the sum over all rows, and how many ones the others have. */
export type Summary = { readonly sums: readonly number[]; readonly ones: number };

export type Answer = Summary & {
  readonly milliseconds: number;
  /** Of the CPU, all threads together. */
  readonly cpu: number;
};

/** The same transforms in Python, in a process of their own. Times are without the way between the processes. */
export interface Peer extends Disposable {
  fit(csv: string): Promise<number>;
  transform(rows: number): Promise<Answer>;
}

/** Undefined where Python has no pandas or scikit-learn. */
export async function startPeer(): Promise<Peer | undefined> {
  const there = await new Promise<boolean>((resolve) =>
    execFile(python, ["-c", FIND], (error) => resolve(error === null)),
  );
  if (!there) return undefined;
  const child = spawn(python, [script], { stdio: ["pipe", "pipe", "ignore"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const talk = async <T>(message: object): Promise<T> => {
    child.stdin.write(`${JSON.stringify(message)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error("Python has ended");
    return JSON.parse(value) as T;
  };
  return {
    fit: async (csv) => (await talk<{ milliseconds: number }>({ do: "fit", csv, columns })).milliseconds,
    transform: (rows) => talk<Answer>({ do: "transform", rows }),
    [Symbol.dispose]: () => child.kill(),
  };
}
