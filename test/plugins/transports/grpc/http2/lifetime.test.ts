import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { watchLifetime } from "../../../../../plugins/transports/grpc/engines/http2/lifetime.js";
import { limitsOf } from "../../../../../plugins/transports/grpc/engines/http2/limits.js";
import { options } from "../../../../../plugins/transports/grpc/options.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A connection that notes what is done to it. */
function watched(channelArguments: Readonly<Record<string, number>> = {}) {
  const done: string[] = [];
  const acks: (() => void)[] = [];
  const state = { calls: 0, sent: 0, waiting: 0 };
  const lifetime = watchLifetime({
    limits: limitsOf(options.parse({ channelArguments })),
    outbox: {
      get sent() {
        return state.sent;
      },
      waiting: 0,
    },
    calls: () => state.calls,
    waiting: () => state.waiting,
    ping: (onAck) => {
      done.push("ping");
      acks.push(onAck);
    },
    announceEnd: () => done.push("announce"),
    drain: () => done.push("drain"),
    fail: (text) => done.push(text),
    destroy: () => done.push("destroy"),
  });
  lifetime.begin();
  return { lifetime, state, done, ack: () => acks.shift()?.() };
}

test("without any argument a connection lasts", () => {
  const { done } = watched();
  vi.advanceTimersByTime(2 ** 33);
  expect(done).toEqual([]);
});

describe("answers that nobody reads", () => {
  test("end the connection when nothing has moved for a minute", () => {
    const { state, done } = watched();
    state.waiting = 1;
    vi.advanceTimersByTime(59_000);
    expect(done).toEqual([]);
    vi.advanceTimersByTime(16_000);
    expect(done).toEqual(["nothing of the answers was read for too long"]);
  });

  test("do not while a little moves now and then, or when there are none", () => {
    const { state, done } = watched();
    state.waiting = 1;
    for (let i = 0; i < 10; i++) {
      vi.advanceTimersByTime(44_000);
      state.sent++;
    }
    state.waiting = 0;
    vi.advanceTimersByTime(600_000);
    expect(done).toEqual([]);
  });
});

describe("keepalive", () => {
  const chosen = { "grpc.keepalive_time_ms": 1000, "grpc.keepalive_timeout_ms": 300 };

  test("pings again and again while it is answered", () => {
    const { done, ack } = watched(chosen);
    for (let i = 1; i <= 5; i++) {
      vi.advanceTimersByTime(1000);
      expect(done).toEqual(Array(i).fill("ping"));
      vi.advanceTimersByTime(200);
      ack();
    }
  });

  test("cuts who does not answer", () => {
    const { done } = watched(chosen);
    vi.advanceTimersByTime(1299);
    expect(done).toEqual(["ping"]);
    vi.advanceTimersByTime(1);
    expect(done).toEqual(["ping", "destroy"]);
  });
});

describe("idleness", () => {
  test("counts from the last call's end; the client hears of it before calls are refused", () => {
    const { lifetime, state, done, ack } = watched({ "grpc.max_connection_idle_ms": 1000 });
    vi.advanceTimersByTime(900);
    state.calls = 1;
    lifetime.onActivity();
    vi.advanceTimersByTime(5000);
    state.calls = 0;
    lifetime.onActivity();
    vi.advanceTimersByTime(999);
    expect(done).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(done).toEqual(["announce", "ping"]);
    ack();
    vi.advanceTimersByTime(5000);
    expect(done).toEqual(["announce", "ping", "drain"]);
  });
});

describe("age", () => {
  test("ends a connection in two steps, then cuts it", () => {
    const { done } = watched({ "grpc.max_connection_age_ms": 10_000, "grpc.max_connection_age_grace_ms": 5000 });
    vi.advanceTimersByTime(8999);
    expect(done).toEqual([]);
    vi.advanceTimersByTime(2001);
    expect(done.slice(0, 2)).toEqual(["announce", "ping"]);
    vi.advanceTimersByTime(1000);
    expect(done).toEqual(["announce", "ping", "drain"]);
    vi.advanceTimersByTime(5000);
    expect(done).toEqual(["announce", "ping", "drain", "destroy"]);
  });
});

test("nothing happens after the connection's end", () => {
  const { lifetime, state, done } = watched({
    "grpc.max_connection_age_ms": 1000,
    "grpc.max_connection_idle_ms": 1000,
    "grpc.keepalive_time_ms": 1000,
  });
  state.waiting = 1;
  lifetime.stop();
  vi.advanceTimersByTime(600_000);
  expect(done).toEqual([]);
});
