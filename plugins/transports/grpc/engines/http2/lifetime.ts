import type { Limits } from "./limits.js";
import type { Outbox } from "./outbox.js";

export type LifetimeParts = {
  readonly limits: Limits;
  readonly outbox: Pick<Outbox, "sent" | "waiting">;
  readonly calls: () => number;
  /** Bytes that wait for the client's windows. */
  readonly waiting: () => number;
  readonly ping: (onAck: () => void) => void;
  readonly announceEnd: () => void;
  readonly drain: () => void;
  readonly fail: (text: string) => void;
  readonly destroy: () => void;
};

/** How long the client may take to answer that it has heard of the end. */
const GRACE = 1000;
/** How often it is looked whether what waits moves, as a part of the time that it may stand still. */
const LOOKS = 4;

/** What ends a connection without its client's doing: idleness, age, silence, answers that nobody reads. */
export function watchLifetime(parts: LifetimeParts) {
  const { limits, outbox } = parts;
  const timers = new Map<string, NodeJS.Timeout>();

  function after(name: string, milliseconds: number, act: () => void): void {
    clearTimeout(timers.get(name));
    if (milliseconds < 2 ** 31) timers.set(name, setTimeout(act, milliseconds).unref());
  }

  const cancel = (name: string) => clearTimeout(timers.get(name));

  /** What the client sends before it has heard of the end is still answered. */
  function retire(): void {
    let drained = false;
    const drain = () => {
      if (!drained) parts.drain();
      drained = true;
    };
    parts.announceEnd();
    parts.ping(drain);
    after("grace", GRACE, drain);
  }

  function keepAlive(): void {
    after("keep-alive", limits.keepAlive, () => {
      parts.ping(() => {
        cancel("silence");
        keepAlive();
      });
      after("silence", limits.keepAliveTimeout, parts.destroy);
    });
  }

  let sent = 0;
  let still = 0;

  function watchReader(): void {
    after("reader", limits.stall / LOOKS, () => {
      const moved = outbox.sent !== sent || outbox.waiting + parts.waiting() === 0;
      sent = outbox.sent;
      still = moved ? 0 : still + 1;
      if (still >= LOOKS) parts.fail("nothing of the answers was read for too long");
      else watchReader();
    });
  }

  return {
    begin: (): void => {
      const jitter = 0.9 + Math.random() * 0.2;
      after("age", limits.age * jitter, () => {
        retire();
        after("age-grace", limits.ageGrace, parts.destroy);
      });
      after("idle", limits.idle, retire);
      keepAlive();
      watchReader();
    },
    onActivity: (): void => {
      if (limits.idle === Number.POSITIVE_INFINITY) return;
      if (parts.calls() > 0) cancel("idle");
      else after("idle", limits.idle, retire);
    },
    stop: (): void => {
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}
