import {
  type Clock,
  type CodeName,
  invalidArgument,
  type Priority,
  resourceExhausted,
  type Servable,
  type Telemetry,
} from "../../../core/index.js";
import { cannotBeMet, expiredOnArrival, type Outlook, soonestAnswer } from "./admission.js";
import { createBatchLimit } from "./aimd.js";
import { createAlarm } from "./alarm.js";
import { type Batch, createBatch, oneByOne, put, withdraw } from "./batch.js";
import { execute } from "./execute.js";
import { nothingDiffers, openDimensions } from "./kind.js";
import { createLane } from "./lane.js";
import type { Pool, Worker } from "./pools.js";
import { paddedSize, type Rules } from "./rules.js";
import { createRunTimes } from "./run-times.js";
import { type Origin, startOf } from "./start-event.js";
import { fail, type Task } from "./task.js";

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
  /** The batches under way: rows that they run as, and when they began. */
  const running = new Set<{ readonly size: number; readonly since: number }>();
  /** Those that were added and have not ended, wherever they are. */
  let tasks = 0;
  let onRest = () => {};

  const laneOf = ({ call }: Task) => lanes[call.priority ?? "normal"];

  function rest(): void {
    if (running.size === 0 && tasks === 0) onRest();
  }

  function outlookOf(task: Task, now: number): Outlook {
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
    let end = Number.POSITIVE_INFINITY;
    for (const { since, size } of running) end = Math.min(end, since + runTimes.least(size, now));
    return {
      left: task.deadline - now,
      ahead,
      each: ahead === 0 ? 0 : (own.time + others.time) / ahead,
      slots: pool.size,
      free: pool.free,
      rows,
      run: runTimes.least(rows, now),
      current: Math.max(0, end - now),
    };
  }

  function checkDeadline(task: Task, now: number): void {
    if (task.deadline === Number.POSITIVE_INFINITY) return;
    if (task.deadline <= now) throw expiredOnArrival(task.deadline - now);
    const outlook = outlookOf(task, now);
    if (soonestAnswer(outlook) <= outlook.left) return;
    // Where nothing is under way, only a run can show whether what was measured a while ago still holds.
    const idle = running.size === 0 && outlook.ahead === 0;
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
  function mayRunAlone({ call, rows }: Task): boolean {
    const { timeout, maxBatchRows } = rules.lanes[call.priority ?? "normal"];
    return tasks === 0 && pool.free > 0 && timeout === 0 && rows <= maxBatchRows;
  }

  /** At once and past the lanes, so that batching costs a lone caller little. */
  function runAlone(task: Task): void {
    const { call, rows, since } = task;
    const priority = call.priority ?? "normal";
    const batch = createBatch({ enqueued: 0 }, call);
    put(batch, task, 0, rows);
    batch.closed = rows === rules.lanes[priority].maxBatchRows ? "full" : "idle";
    membership.begin((ended) => run(batch, priority, since, ended));
  }

  function run(batch: Batch, priority: Priority, now: number, ended: () => void): void {
    const { pad, maxBatchRows } = rules.lanes[priority];
    const { rows } = batch;
    const size = sizeOf(rows, priority);
    const most = Math.max(rows, Math.min(maxBatchRows, limit?.rows ?? maxBatchRows));
    const latencyTarget = most < maxBatchRows ? rules.latencyTarget : undefined;
    const event = startOf(batch, origin, { priority, size, limit: most, latencyTarget, now });
    telemetry.batchStarted(event);
    const under = { size, since: now };
    running.add(under);
    execute(inner, batch, size, pad, (code, error) => {
      const end = clock.now();
      const milliseconds = end - now;
      // Whose fault it is cannot be known: alone, each has its own answer or error.
      const apart = code === "INVALID_ARGUMENT" ? oneByOne(batch) : [];
      if (code !== "OK" && apart.length === 0) for (const { task } of batch.pieces) fail(task, error);
      running.delete(under);
      // One that was given up says only that it would have taken longer.
      if (code === "OK" || (abandoned.has(code) && milliseconds > runTimes.least(size, end))) {
        runTimes.learn(size, milliseconds, end);
      }
      if (code === "OK" && !batch.again) {
        limit?.observe({
          rows,
          limited: batch.closed === "full",
          wait: Math.max(0, ...event.waits),
          run: milliseconds,
        });
      }
      telemetry.batchEnded({ batch: event, code, milliseconds });
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
    add(task) {
      checkSize(task, rules);
      checkDeadline(task, task.since);
      if (mayRunAlone(task)) {
        tasks++;
        runAlone(task);
        return;
      }
      laneOf(task).add(task);
      tasks++;
      // Where others are under way, what comes in one turn of the loop goes together.
      if (task.pieces[0]?.batch.full || pool.free === 0) pool.look();
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

const abandoned: ReadonlySet<CodeName> = new Set(["CANCELLED", "DEADLINE_EXCEEDED"]);

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
