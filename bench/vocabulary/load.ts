import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { median } from "../harness/stats.js";
import type { Run } from "../harness/suite.js";
import { short, table } from "../harness/table.js";
import type { LoadFigures } from "./load.child.js";
import { type Loaded, type PeerName, startPeer } from "./peer.js";
import { makeWords, type Words } from "./words.js";

const child = fileURLToPath(new URL("./load.child.ts", import.meta.url));
const HEADER = ["", "load ms", "memory MB", "bytes a token", "most held ms"];

async function loadHere({ path }: Words, small: Words): Promise<LoadFigures> {
  const started = fork(child, [path, small.path], { execArgv: process.execArgv });
  const [figures] = (await once(started, "message")) as [LoadFigures];
  return figures;
}

async function loadPeer(peer: PeerName, file: string): Promise<Loaded> {
  using started = startPeer(peer);
  return await started.load(file);
}

/** From the files to AVAILABLE, each in a fresh process, and what its memory grew by; turn by turn. */
export async function loadTable(words: Words, peers: readonly PeerName[], { full, progress }: Run) {
  await using small = await makeWords(1);
  const sides: Record<string, () => Promise<Loaded & Partial<LoadFigures>>> = {
    salver: () => loadHere(words, small),
    ...Object.fromEntries(peers.map((peer) => [peer, () => loadPeer(peer, words.file)])),
  };
  const data: Record<string, (Loaded & Partial<LoadFigures>)[]> = {};
  for (let round = 0; round < (full ? 7 : 3); round++) {
    progress(`loading ${words.size} tokens, round ${round + 1}`);
    for (const [name, load] of Object.entries(sides)) {
      data[name] ??= [];
      data[name].push(await load());
    }
  }
  const rows = Object.entries(data).map(([name, figures]) => {
    const middle = (of: (each: Loaded & Partial<LoadFigures>) => number) => median(figures.map(of));
    const megabytes = middle((each) => each.megabytes);
    const held = middle((each) => each.longestHold ?? Number.NaN);
    const perToken = (megabytes * 2 ** 20) / words.size;
    return [name, short(middle((each) => each.milliseconds)), short(megabytes), short(perToken), short(held)];
  });
  const file = `The file has ${short(words.bytes / 2 ** 20)} MB, ${short(words.bytes / words.size)} bytes a token.`;
  return { markdown: `## Loading ${words.size} tokens\n\n${table(HEADER, rows)}\n\n${file}`, data };
}
