import type { Closed, Summary } from "./summary.js";
import { ago, counted, ms, percent } from "./words.js";

/** What full batches have of their limit; with less, requests did not fit together. */
const MOSTLY_FULL = 0.9;
/** From here on batches are history rather than what goes on. */
const STALE = 60_000;

/** What stands out, and what to turn: one sentence or two each, the most pressing first. */
export function advise(summary: Summary): readonly string[] {
  const said = [stale(summary), failures(summary), deadlines(summary), ...closing(summary), padding(summary)];
  const found = said.filter((each) => each !== undefined);
  return found.length > 0 ? found : ["Nothing stands out: no reason to close prevails, and little is padding."];
}

function stale({ newest }: Summary): string | undefined {
  if (newest < STALE) return undefined;
  return `No batch has run for ${ago(newest)}: all this is history. If requests came since, they failed before they were batched.`;
}

function failures({ failed, batches, codes }: Summary): string | undefined {
  if (failed === 0) return undefined;
  return `${failed} of ${batches} batches failed (${codes.join(", ")}), with all of their requests, unless these were run again one by one (INVALID_ARGUMENT): the server's log says more.`;
}

function deadlines({ closed }: Summary): string | undefined {
  const late = closed.find(({ why }) => why === "deadline");
  if (!late || late.share < 0.1) return undefined;
  return `${percent(late.share)} close because a request in them could wait no longer: batches wait longer than clients do. Lower \`timeout\` or \`latencyTarget\`, or give the clients more time.`;
}

function closing(summary: Summary): readonly string[] {
  const [main] = summary.closed;
  if (!main || main.share < 0.5 || main.why === "deadline") return [];
  return [advices[main.why](summary, main)];
}

const advices: Readonly<Record<Exclude<Closed["why"], "deadline">, (summary: Summary, closed: Closed) => string>> = {
  timeout: ({ limit, run }, { share, rows, wait }) => {
    const what = `${percent(share)} close on timeout with ${counted(rows, "row")} of ${limit}`;
    if (wait < run / 10)
      return `${what}: the timeout costs ${ms(wait)} where a run takes ${ms(run)}, which does no harm.`;
    if (rows < limit / 2 && wait > run && rows >= limit / 4) {
      return `${what}: the timeout costs ${ms(wait)}, more than the run's ${ms(run)}, and leaves batches far from full. Lower \`timeout\` unless throughput is all that counts.`;
    }
    if (rows < limit / 4) {
      return `${what}: the timeout costs ${ms(wait)} and gains little. Lower \`timeout\`, or remove it: then batches form only while all threads are busy.`;
    }
    return `${what}: the timeout costs ${ms(wait)} and fills batches well. A longer one gives more throughput, a shorter one quicker answers.`;
  },
  full: ({ limit, latencyTarget, wait, run }, { share, rows }) => {
    if (latencyTarget !== undefined) {
      const what = `${percent(share)} are as large as \`latencyTarget\`, ${ms(latencyTarget)}, lets them be, at most ${limit} rows`;
      if (wait + run <= latencyTarget) return `${what}, and it is kept. A longer one gives larger batches.`;
      return `${what}, and requests take ${ms(wait + run)}: more comes than gets through in that time. Give it more time, raise \`threads\` while CPUs are idle, or add another machine.`;
    }
    if (rows < MOSTLY_FULL * limit) {
      return `${percent(share)} had no room for the request that came next, with ${counted(rows, "row")} of ${limit}: requests of such sizes leave gaps. \`enableLargeBatchSplitting: true\` fills these with parts of requests.`;
    }
    const what = `${percent(share)} are full, with ${limit} rows`;
    if (wait <= run)
      return `${what}, before anything waits for long: a larger \`maxBatchSize\` may give more throughput.`;
    return `${what}, and requests wait ${ms(wait)} for runs of ${ms(run)}: more comes than gets through. Raise \`maxBatchSize\` if larger batches run not much longer, or \`threads\` while CPUs are idle; else it takes another machine.`;
  },
  idle: ({ wait, run, batches, requests }, { share }) => {
    const what = `${percent(share)} run as soon as a thread is free`;
    if (wait > 2 * run) {
      return `${what}, and requests wait ${ms(wait)} for that, with runs of ${ms(run)}: all threads are busy, perhaps with other models of the pool. Raise \`threads\` while CPUs are idle, or give this model a \`pool\` of its own.`;
    }
    if (requests < 1.5 * batches) return `${what}, mostly with one request: at this load there is nothing to group.`;
    return `${what}, with ${counted(requests / batches, "request")} each: batches form from what comes while threads are busy, and nobody waits for a timeout.`;
  },
  shutdown: (_, { share }) =>
    `${percent(share)} closed because their version unloads, or its batching has changed: what waited was finished.`,
};

function padding({ padding, rows }: Summary): string | undefined {
  if (padding < 0.25) return undefined;
  return `${percent(padding)} of the rows that run are padding: add a size near ${Math.ceil(rows)} to \`allowedBatchSizes\`.`;
}
