import { closedLoop } from "./closed-loop.js";
import type { Contender } from "./interleave.js";
import { ask, type Protocol, type Question } from "./question.js";
import type { Service } from "./service.js";

/** What a turn of load came to: ms, and microseconds of the server's CPU a call. */
export type Turn = {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpu: number;
  /** Replies that were not the one wanted. */
  readonly bad: number;
};

/** Of one request and its reply, as they go over the wire, heads aside. */
export type Bytes = { readonly request: number; readonly reply: number };

/** One side of a comparison, ready to be loaded. */
export type Side = AsyncDisposable & {
  readonly name: string;
  readonly bytes?: Bytes;
  turn(milliseconds: number): Promise<Turn>;
};

const FIRST_BURST = 20;

/** What a process compiles while it is first asked is not to be measured. */
const warm = new WeakMap<Service, Set<Protocol>>();

/** Whether it was asked that way before; from now on it was. */
function wasWarm(service: Service, protocol: Protocol): boolean {
  const known = warm.get(service) ?? new Set();
  warm.set(service, known);
  const was = known.has(protocol);
  known.add(protocol);
  return was;
}

export type Asking = {
  readonly name?: string;
  readonly protocol: Protocol;
  readonly question: Question;
  /** Requests in flight. */
  readonly callers: number;
};

/** A server under load. @throws when its answer is wrong */
export async function serviceSide(service: Service, { name, protocol, question, callers }: Asking): Promise<Side> {
  const { load, bytes } = await ask(service, protocol, question);
  let rate = 0;
  /** Requests a second, by bursts that double until one lasts: long for a server that has just been started. */
  const findRate = async (milliseconds: number): Promise<number> => {
    const lasting = wasWarm(service, protocol) ? milliseconds / 4 : milliseconds * 2;
    for (let requests = FIRST_BURST; ; requests *= 2) {
      const { perSecond } = await load.burst(requests, callers);
      if ((requests * 1000) / perSecond > lasting) return perSecond;
    }
  };
  return {
    name: name ?? service.name,
    bytes,
    turn: async (milliseconds) => {
      rate ||= await findRate(milliseconds);
      const before = service.child.cpu();
      const burst = await load.burst(Math.round((rate * milliseconds) / 1000), callers);
      rate = burst.perSecond;
      return { ...burst, cpu: (service.child.cpu() - before) / burst.requests };
    },
    [Symbol.asyncDispose]: load[Symbol.asyncDispose],
  };
}

/** The same without a server: callers in this process. `contender` checks its answers and throws. */
export function inProcessSide(contender: Contender & AsyncDisposable, callers: number): Side {
  return {
    name: contender.name,
    turn: async (milliseconds) => ({ ...(await closedLoop(contender.once, callers, milliseconds)), bad: 0 }),
    [Symbol.asyncDispose]: () => contender[Symbol.asyncDispose](),
  };
}
