import { strings } from "salver";
import { openModel } from "../harness/models.js";
import { median, spreadOf } from "../harness/stats.js";
import type { Run } from "../harness/suite.js";
import { short, table } from "../harness/table.js";
import { type PeerName, startPeer } from "./peer.js";
import type { Words } from "./words.js";

const HEADER = ["", "known tokens", "a tenth unknown", "most held ms"];
const TOKENS = 100_000;

type Side = AsyncDisposable & {
  readonly name: string;
  ask(tokens: readonly string[]): Promise<readonly number[]>;
  /** The milliseconds of asking the same again. */
  again(): Promise<number>;
  /** The longest that the event loop was held, ms. */
  readonly held?: () => number;
};

async function here({ path }: Words): Promise<Side> {
  const model = await openModel({ path, servable: { type: "vocabulary" } });
  let tokens = strings([]);
  let held = 0;
  const timed = async () => {
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      held = Math.max(held, now - last - 1);
      last = now;
    }, 1);
    const start = performance.now();
    const { ids } = await model.run({ tokens });
    const milliseconds = performance.now() - start;
    clearInterval(timer);
    return { ids: Array.from(ids?.data as BigInt64Array, Number), milliseconds };
  };
  return {
    name: "salver",
    ask: async (asked) => {
      tokens = strings(asked);
      return (await timed()).ids;
    },
    again: async () => (await timed()).milliseconds,
    held: () => held,
    [Symbol.asyncDispose]: () => model[Symbol.asyncDispose](),
  };
}

async function peer(name: PeerName, { file }: Words): Promise<Side> {
  const started = startPeer(name);
  await started.load(file);
  return { name, ...started, [Symbol.asyncDispose]: async () => started[Symbol.dispose]() };
}

/** Indexes far apart, the same in each run. */
function questions(words: Words, strangers: number): { tokens: string[]; ids: number[] } {
  const ids = Array.from({ length: TOKENS }, (_, i) => (i % 10 < strangers * 10 ? -1 : (i * 7_368_787) % words.size));
  return { tokens: ids.map((id, i) => (id < 0 ? `stranger${i}` : words.word(id))), ids };
}

/** Requests of 100 000 tokens, turn by turn; look-ups a second, each first answer checked. */
export async function speedTable(words: Words, peers: readonly PeerName[], { full, progress }: Run) {
  const sides = [await here(words)];
  for (const name of peers) sides.push(await peer(name, words));
  const data: Record<string, Record<string, ReturnType<typeof spreadOf>>> = {};
  const rates = sides.map((): string[] => []);
  for (const [what, strangers] of [
    ["known", 0],
    ["tenth", 0.1],
  ] as const) {
    const { tokens, ids } = questions(words, strangers);
    const times = sides.map((): number[] => []);
    for (const side of sides) {
      const got = await side.ask(tokens);
      if (got.some((id, i) => id !== ids[i])) throw new Error(`${side.name} gave a wrong id`);
    }
    for (let round = 0; round < (full ? 60 : 20); round++) {
      if (round % 10 === 0) progress(`look-ups, ${what}, round ${round + 1}`);
      const order = sides.map((_, i) => (round % 2 === 0 ? i : sides.length - 1 - i));
      for (const i of order) times[i]!.push(await sides[i]!.again());
    }
    for (const [i, side] of sides.entries()) {
      const perSecond = times[i]!.map((milliseconds) => (1000 * TOKENS) / milliseconds);
      data[side.name] = { ...data[side.name], [what]: spreadOf(perSecond) };
      rates[i]!.push(short(median(perSecond)));
    }
  }
  const rows = sides.map(({ name, held }, i) => [name, ...rates[i]!, short(held?.() ?? Number.NaN)]);
  for (const side of sides) await side[Symbol.asyncDispose]();
  return { markdown: `## Look-ups a second, ${TOKENS} a request\n\n${table(HEADER, rows)}`, data };
}
