import { execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const python = process.env.SALVER_TEST_PYTHON || "python3";
const script = fileURLToPath(new URL("./peer.py", import.meta.url));

export type PeerName = "dict" | "tf.lookup";
export type Loaded = { readonly milliseconds: number; readonly megabytes: number };

/** Another way to look tokens up, in a process of its own. */
export interface Peer extends Disposable {
  load(file: string): Promise<Loaded>;
  /** Looks the tokens up, which stay for `again`. */
  ask(tokens: readonly string[]): Promise<readonly number[]>;
  /** The milliseconds of the same look-ups alone, without the way between the processes. */
  again(): Promise<number>;
}

const runs = (code: string) =>
  new Promise<boolean>((resolve) => execFile(python, ["-c", code], (error) => resolve(error === null)));

/** Those that this machine's Python can be. */
export async function peersHere(): Promise<readonly PeerName[]> {
  if (!(await runs(""))) return [];
  const find = "import importlib.util, sys; sys.exit(importlib.util.find_spec('tensorflow') is None)";
  return (await runs(find)) ? ["dict", "tf.lookup"] : ["dict"];
}

export function startPeer(peer: PeerName): Peer {
  const child = spawn(python, [script], { stdio: ["pipe", "pipe", "ignore"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const talk = async <T>(message: object): Promise<T> => {
    child.stdin.write(`${JSON.stringify(message)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`Python's ${peer} has ended`);
    return JSON.parse(value) as T;
  };
  return {
    load: (file) => talk<Loaded>({ do: "load", peer, file }),
    ask: async (tokens) => (await talk<{ ids: number[] }>({ do: "ask", tokens })).ids,
    again: async () => (await talk<{ milliseconds: number }>({ do: "again" })).milliseconds,
    [Symbol.dispose]: () => child.kill(),
  };
}
