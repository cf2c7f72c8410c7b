import { setImmediate as nextTurn } from "node:timers/promises";
import type { SoakEngine, SoakSession } from "./engine.js";
import { randomOf } from "./random.js";

export type SoakPlan = {
  readonly runs: number;
  readonly inFlight: number;
  /** Milliseconds between two forced garbage collections. */
  readonly collectEvery: number;
  /** Share of the runs that are aborted at some moment. */
  readonly cancel: number;
  /** Runs after which the session is replaced, the old one being disposed under the runs it still has. */
  readonly renewEvery: number;
};

export type SoakResult = {
  readonly engine: string;
  readonly runs: number;
  readonly right: number;
  readonly wrong: number;
  readonly cancelled: number;
  readonly sessions: number;
  readonly seconds: number;
  /** Resident memory in MB, sampled right after a garbage collection. */
  readonly memory: readonly number[];
  /** What went wrong, the first few times. */
  readonly complaints: readonly string[];
};

/** Drives an engine by `plan`. `collect` forces a garbage collection; `progress` hears of each run that begins. */
export async function drive(
  engine: SoakEngine,
  plan: SoakPlan,
  collect: () => void,
  progress: (index: number) => void = () => {},
): Promise<SoakResult> {
  const counts = { right: 0, wrong: 0, cancelled: 0 };
  const complaints: string[] = [];
  const memory: number[] = [];
  const disposals: Promise<void>[] = [];
  let session = await engine.open();
  let sessions = 1;
  let next = 0;

  const complain = (text: string) => {
    counts.wrong++;
    if (complaints.length < 10) complaints.push(text);
  };

  const renew = async () => {
    const old = session;
    session = await engine.open();
    sessions++;
    disposals.push(Promise.resolve(old[Symbol.asyncDispose]()));
  };

  const one = async (index: number, on: SoakSession) => {
    const controller = new AbortController();
    const random = randomOf(index ^ 0x5eed);
    if (random() < plan.cancel) abortLater(controller, random());
    try {
      if (await on.run(index, controller.signal)) counts.right++;
      else complain(`run ${index} answered wrongly`);
    } catch (error) {
      if (controller.signal.aborted) counts.cancelled++;
      else complain(`run ${index} failed: ${error}`);
    }
  };

  const lane = async () => {
    while (next < plan.runs) {
      const index = next++;
      progress(index);
      if (index > 0 && index % plan.renewEvery === 0) await renew();
      await one(index, session);
    }
  };

  const timer = setInterval(() => {
    collect();
    memory.push(process.memoryUsage.rss() / 1e6);
  }, plan.collectEvery);
  const start = performance.now();
  await Promise.all(Array.from({ length: plan.inFlight }, lane));
  const seconds = (performance.now() - start) / 1000;
  clearInterval(timer);
  await session[Symbol.asyncDispose]();
  await Promise.all(disposals);
  await nextTurn();
  collect();
  memory.push(process.memoryUsage.rss() / 1e6);
  return { engine: engine.name, runs: plan.runs, ...counts, sessions, seconds, memory, complaints };
}

/** Aborts at once, after this turn of the loop, or within two milliseconds. */
function abortLater(controller: AbortController, moment: number): void {
  const abort = () => controller.abort(new Error("the soak gave up on it"));
  if (moment < 0.2) abort();
  else if (moment < 0.6) setImmediate(abort);
  else setTimeout(abort, moment * 2);
}
