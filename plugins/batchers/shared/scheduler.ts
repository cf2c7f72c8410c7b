import {
  type Clock,
  invalidArgument,
  type MaybePromise,
  type Priority,
  resourceExhausted,
  type Servable,
  type Telemetry,
  type Tensors,
} from "../../../core/index.js";
import { cannotBeMet, expiredOnArrival, type Outlook, soonestAnswer } from "./admission.js";
import { createBatchLimit } from "./aimd.js";
import { createAlarm } from "./alarm.js";
import { runAlone } from "./alone.js";
import { type Batch, oneByOne, withdraw } from "./batch.js";
import { execute } from "./execute.js";
import { nothingDiffers, openDimensions } from "./kind.js";
import { createLane } from "./lane.js";
import type { Pool, Worker } from "./pools.js";
import { paddedSize, type Rules } from "./rules.js";
import { createRunTimes } from "./run-times.js";
import { type Origin, startOf, startOfOne } from "./start-event.js";
import { type Asked, fail, type Task } from "./task.js";
import { createUnderWay } from "./under-way.js";

/** What is around a batched servable. */
export type House = {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, "batchStarted" | "batchEnded">;
  /** Whose batches these are, to the telemetry. */
  readonly origin: Origin;
};

/** Puts the tasks of one servable into batches and runs these. */
export interface Scheduler {
  /**
   * Runs a call at once and past the lanes, where there is nobody to wait for or to go with, so that batching costs a lone
   * caller little; undefined where there is. @throws as `add`
   */
  alone(asked: Asked): MaybePromise<Tensors> | undefined;
  /**
   * @throws INVALID_ARGUMENT for too many rows; DEADLINE_EXCEEDED where the deadline cannot be met; UNAVAILABLE when too
   * many batches wait
   */
  add(task: Task): void;
  /** To be told of every task that was added and has ended. What of it waits is not run. */
  left(task: Task): void;
  /** From now on nothing waits for more to come. */
  hurry(): void;
  /** Hurries; resolves when all batches have run. */
  finish(): Promise<void>;
}

export function createScheduler(inner: Servable, rules: Rules, house: House): Scheduler {
  const { pool, clock, telemetry, origin } = house;
  const runTimes = createRunTimes();
  const sizeOf = (rows: number, priority: Priority) => paddedSize(rows, rules.lanes[priority].sizes);
  const openSizes = openDimensions(inner.signatures);
  const laneFor = (priority: Priority) =>
    createLane(rules.lanes[priority], rules.lanes[priority].pad ? openSizes : nothingDiffers, (rows) =>
      runTimes.usual(sizeOf(rows, priority)),
    );
  const lanes = { normal: laneFor("normal"), low: laneFor("low") };
  const limit =
    rules.latencyTarget === undefined
      ? undefined
      : createBatchLimit(rules.latencyTarget, rules.lanes.normal.maxBatchRows);
  const alarm = createAlarm(clock, pool.look);
  const underWay = createUnderWay({ clock, telemetry, runTimes, limit });
  /** Those that were added and have not ended, wherever they are. */
  let tasks = 0;
  let onRest = () => {};

  const laneOf = ({ call }: Task) => lanes[call.priority ?? "normal"];

  function rest(): void {
    if (underWay.count === 0 && tasks === 0) onRest();
  }

  function outlookOf(task: Asked, now: number): Outlook {
    const priority = task.call.priority ?? "normal";
    const { maxBatchRows } = rules.lanes[priority];
    const open = lanes[priority].openFor(task);
    const joins = open !== undefined && open.rows + task.rows <= maxBatchRows;
    const rows = sizeOf(Math.min(joins ? open.rows + task.rows : task.rows, maxBatchRows), priority);
    const aheadIn = (lane: Priority, joined?: Batch) =>
      lanes[lane].ahead(joined, (rows) => runTimes.least(sizeOf(rows, lane), now));
    const own = aheadIn(priority, joins ? open : undefined);
    const others = priority === "low" ? aheadIn("normal") : { batches: 0, time: 0 };
    const ahead = own.batches + others.batches;
    return {
      left: task.deadline - now,
      ahead,
      each: ahead === 0 ? 0 : (own.time + others.time) / ahead,
      slots: pool.size,
      free: pool.free,
      rows,
      run: runTimes.least(rows, now),
      current: underWay.soonestEnd(now),
    };
  }

  function checkDeadline(task: Asked, now: number): void {
    if (task.deadline === Number.POSITIVE_INFINITY) return;
    if (task.deadline <= now) throw expiredOnArrival(task.deadline - now);
    const outlook = outlookOf(task, now);
    if (soonestAnswer(outlook) <= outlook.left) return;
    // Where nothing is under way, only a run can show whether what was measured a while ago still holds.
    const idle = underWay.count === 0 && outlook.ahead === 0;
    if (idle && !runTimes.isFresh(outlook.rows, now)) return;
    throw cannotBeMet(outlook);
  }

  /** What of low priority a normal batch of so many rows may take along. */
  function room(rows: number): number {
    const { maxBatchRows, sizes } = rules.lanes.normal;
    if (rules.fill === "next size") return paddedSize(rows, sizes) - rows;
    return rules.fill === "max" ? Math.min(maxBatchRows, limit?.rows ?? maxBatchRows) - rows : 0;
  }

  const begin: Worker = (priority, ended) => {
    const lane = lanes[priority];
    while (lane.length > 0) {
      const now = clock.now();
      const batch = lane.take(now, limit?.rows ?? Number.POSITIVE_INFINITY);
      if (!batch) {
        alarm.by(lane.due());
        return false;
      }
      dropExpired(batch, now);
      if (batch.pieces.length === 0) continue;
      if (priority === "normal" && lanes.low.length > 0) lanes.low.fill(batch, room(batch.rows));
      run(batch, priority, now, ended);
      return true;
    }
    return false;
  };

  /** Whether a thread is free and there is nobody to wait for or to go with. */
  const isAlone = (priority: Priority) => tasks === 0 && pool.free > 0 && rules.lanes[priority].timeout === 0;

  /** The most rows that a batch of so many might have had. */
  const mostRows = (rows: number, maxBatchRows: number) =>
    limit ? Math.max(rows, Math.min(maxBatchRows, limit.rows)) : Math.max(rows, maxBatchRows);

  function run(batch: Batch, priority: Priority, now: number, ended: () => void): void {
    const { pad, maxBatchRows } = rules.lanes[priority];
    const { rows, again } = batch;
    const size = sizeOf(rows, priority);
    const most = mostRows(rows, maxBatchRows);
    const latencyTarget = most < maxBatchRows ? rules.latencyTarget : undefined;
    const begun = underWay.begin(startOf(batch, origin, { priority, size, limit: most, latencyTarget, now }), now);
    execute(inner, batch, size, pad, (code, error) => {
      // Whose fault it is cannot be known: alone, each has its own answer or error.
      const apart = code === "INVALID_ARGUMENT" ? oneByOne(batch) : [];
      if (code !== "OK" && apart.length === 0) for (const { task } of batch.pieces) fail(task, error);
      underWay.end(begun, code, again);
      runInTurn(apart, priority, ended);
    });
  }

  /** One after the other, in one thread. */
  function runInTurn(batches: Batch[], priority: Priority, ended: () => void): void {
    const batch = batches.shift();
    if (!batch) {
      ended();
      rest();
      return;
    }
    const now = clock.now();
    const next = () => runInTurn(batches, priority, ended);
    dropExpired(batch, now);
    if (batch.pieces.some(({ task }) => !task.settled)) run(batch, priority, now, next);
    else next();
  }

  const membership = pool.join(begin);

  function hurry(): void {
    lanes.normal.hurry();
    lanes.low.hurry();
    pool.look();
  }

  return {
    alone(asked) {
      const { call, rows, since } = asked;
      const { priority = "normal" } = call;
      const { maxBatchRows } = rules.lanes[priority];
      if (rows > maxBatchRows || sizeOf(rows, priority) !== rows || !isAlone(priority)) return undefined;
      checkDeadline(asked, since);
      const most = mostRows(rows, maxBatchRows);
      const latencyTarget = most < maxBatchRows ? rules.latencyTarget : undefined;
      const bounds = { priority, full: rows === maxBatchRows, limit: most, latencyTarget };
      const begun = underWay.begin(startOfOne(call, rows, origin, bounds), since);
      const release = membership.begin();
      tasks++;
      return runAlone(inner, call, rows, {
        left: () => {
          tasks--;
          rest();
        },
        ended: (code) => {
          underWay.end(begun, code, false);
          release();
          rest();
        },
      });
    },

    add(task) {
      checkSize(task, rules);
      checkDeadline(task, task.since);
      const atOnce = pool.free === 0 || isAlone(task.call.priority ?? "normal");
      laneOf(task).add(task);
      tasks++;
      // Where others are under way, what comes in one turn of the loop goes together.
      if (task.pieces[0]?.batch.full || atOnce) pool.look();
      else pool.lookSoon();
    },

    left(task) {
      tasks--;
      for (const piece of task.pieces) if (piece.batch.closed === undefined) laneOf(task).remove(piece);
      rest();
    },

    hurry,

    async finish() {
      hurry();
      await new Promise<void>((resolve) => {
        onRest = resolve;
        rest();
      });
      membership.leave();
      alarm.stop();
    },
  };
}

function dropExpired(batch: Batch, now: number): void {
  if (batch.deadline > now) return;
  for (const piece of [...batch.pieces]) {
    const { task } = piece;
    // The call's own: it grows when callers with more time share the execution.
    if ((task.call.deadline ?? Number.POSITIVE_INFINITY) > now) continue;
    withdraw(batch, piece);
    fail(task, expiredWaiting());
  }
}

/** In TensorFlow Serving's words, of a request whose deadline passed in the queue. */
export const expiredWaiting = (cause?: unknown) =>
  resourceExhausted("Run() timeout exceeded while waiting in batching queue", cause);

/** @throws INVALID_ARGUMENT */
function checkSize({ rows }: Task, { maxTaskRows }: Rules): void {
  if (rows <= maxTaskRows) return;
  throw invalidArgument(`Task size ${rows} is larger than maximum input batch size ${maxTaskRows}`);
}
