import { once } from "node:events";
import { connect } from "node:net";
import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { until } from "../../../../support/core-fakes.js";
import { Flag, goAway, MAX_WINDOW, Type } from "../../../../support/http2/frames.js";
import { CHECK, grpcReply, PREDICT, request } from "../../../../support/http2/grpc-request.js";
import { rawClient } from "../../../../support/http2/raw-client.js";
import { engines } from "./engines.js";
import { predictedPayload, predictRequest } from "./predict-request.js";
import { failure, holdRuns, leasesGone, serve } from "./stage.js";

const never = () => new AbortController().signal;
const limits = (settings: Readonly<Record<string, number>>) => ({ channelArguments: settings });

describe.each(engines)("%s: connections", (engine) => {
  test("a drain finishes what is under way, while new calls go to the server's successor", async () => {
    const old = await serve(engine);
    const { next } = holdRuns(old.frontend);
    const { bytes } = old.channel({ "grpc.initial_reconnect_backoff_ms": 10 });
    const underWay = bytes(PREDICT, predictRequest(Buffer.from("old")));
    const run = await next();
    let drained = false;
    const drain = old.transport.drain(never()).then(() => {
      drained = true;
    });
    const successor = await serve(engine, { port: old.port });
    const answer = await bytes(PREDICT, predictRequest(Buffer.from("new")), { deadline: Date.now() + 20_000 });
    expect(predictedPayload(answer)).toEqual(Buffer.from("new"));
    expect(successor.frontend.specs).toHaveLength(1);
    expect(drained).toBe(false);
    run.answer();
    expect(predictedPayload(await underWay)).toEqual(Buffer.from("old"));
    await drain;
    expect(old.frontend.open).toBe(0);
  });

  test("a drain says GOAWAY, ends idle connections, and busy ones when their last call has ended", async () => {
    const { port, transport, frontend } = await serve(engine);
    const { next } = holdRuns(frontend);
    await using idle = await rawClient(port);
    await using busy = await rawClient(port);
    await idle.settled();
    busy.send(request(1, PREDICT, predictRequest()), request(3, PREDICT, predictRequest()));
    const runs = [await next(), await next()];
    const drain = transport.drain(never());
    await busy.frame("GOAWAY", ({ type }) => type === Type.GOAWAY);
    expect(await idle.closed).toBe("NO_ERROR");
    for (const run of runs) run.answer();
    for (const stream of [1, 3]) expect(grpcReply(await busy.reply(stream)).status).toBe(status.OK);
    expect(await busy.closed).toBe("NO_ERROR");
    await drain;
  });

  test("an end that is announced sends clients elsewhere, and what they still ask is answered", async (ctx) => {
    if (engine === "grpc-js") return ctx.skip("grpc-js has no way to announce an end");
    const { port, transport } = await serve(engine);
    await using client = await rawClient(port);
    await client.settled();
    transport.announceEnd?.();
    const told = await client.frame("GOAWAY", ({ type }) => type === Type.GOAWAY);
    expect([told.payload.readUInt32BE(0), told.payload.readUInt32BE(4)]).toEqual([MAX_WINDOW, 0]);
    client.send(request(1, PREDICT, predictRequest()));
    expect(grpcReply(await client.reply(1)).status).toBe(status.OK);
    const drain = transport.drain(never());
    expect(await client.closed).toBe("NO_ERROR");
    expect(
      client.frames
        .filter(({ type }) => type === Type.GOAWAY)
        .at(-1)
        ?.payload.readUInt32BE(0),
    ).toBe(1);
    await drain;
  });

  test("a connection that is being set up does not outlive a drain", async () => {
    const { port, transport } = await serve(engine);
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    await once(socket, "connect");
    const drain = transport.drain(never());
    // Nothing of HTTP/2 has been said: a server may wait for it, but no longer than for the client to go.
    socket.destroy();
    await drain;
  });

  test("what is left when the drain's deadline passes is cut, and its runs are told", async () => {
    const { port, transport, frontend } = await serve(engine);
    const { next } = holdRuns(frontend);
    await using client = await rawClient(port);
    client.send(request(1, PREDICT, predictRequest()));
    const run = await next();
    const deadline = new AbortController();
    const drain = transport.drain(deadline.signal);
    deadline.abort();
    await drain;
    await client.closed;
    await until(() => run.options.signal.aborted, "the run's signal");
    run.fail(run.options.signal.reason);
    await leasesGone(frontend);
  });

  test("a client finds the server again after a restart", async () => {
    const first = await serve(engine);
    const { bytes } = first.channel({ "grpc.initial_reconnect_backoff_ms": 10, "grpc.max_reconnect_backoff_ms": 20 });
    await bytes(CHECK, Buffer.alloc(0));
    await first.transport[Symbol.asyncDispose]();
    expect((await failure(bytes(CHECK, Buffer.alloc(0)))).code).toBe(status.UNAVAILABLE);
    await serve(engine, { port: first.port });
    await until(() => true);
    // Waits for the connection, however many tries that takes.
    const pass = (each: Buffer) => each;
    const reached = await new Promise((resolve) => {
      const again = first.channel({ "grpc.initial_reconnect_backoff_ms": 10 });
      again.client.waitForReady(Date.now() + 20_000, () =>
        again.client.makeUnaryRequest(CHECK, pass, pass, Buffer.alloc(0), (error) => resolve(error ?? "answered")),
      );
    });
    expect(reached).toBe("answered");
  });

  test("GOAWAY from the client lets its calls finish", async () => {
    const { port, frontend } = await serve(engine);
    const { next } = holdRuns(frontend);
    await using client = await rawClient(port);
    client.send(request(1, PREDICT, predictRequest()));
    const run = await next();
    client.send(goAway(0));
    // nghttp2's session in Node closes when its last stream ends; a PING before that is answered.
    await client.settled();
    run.answer();
    expect(grpcReply(await client.reply(1)).status).toBe(status.OK);
    await leasesGone(frontend);
  });

  test("a client that answers keepalive pings stays, one that does not is left", async () => {
    const { port } = await serve(engine, limits({ "grpc.keepalive_time_ms": 20, "grpc.keepalive_timeout_ms": 40 }));
    await using alive = await rawClient(port);
    const isPing = ({ type, flags }: { readonly type: number; readonly flags: number }) =>
      type === Type.PING && !(flags & Flag.ACK);
    await until(() => alive.frames.filter(isPing).length >= 5, "five pings");
    alive.send(request(1, CHECK, Buffer.alloc(0)));
    expect(grpcReply(await alive.reply(1)).status).toBe(status.OK);
    await using dead = await rawClient(port, { polite: false });
    await dead.closed;
    expect(dead.frames.some(isPing)).toBe(true);
  });

  test("a client's keepalive pings are answered, with calls and without", async () => {
    const { channel, frontend } = await serve(engine);
    const { next } = holdRuns(frontend);
    const { bytes } = channel({
      "grpc.keepalive_time_ms": 10,
      "grpc.keepalive_timeout_ms": 5000,
      "grpc.keepalive_permit_without_calls": 1,
    });
    const call = bytes(PREDICT, predictRequest());
    const run = await next();
    await new Promise((resolve) => setTimeout(resolve, 150));
    run.answer();
    await call;
    await new Promise((resolve) => setTimeout(resolve, 50));
    const second = bytes(PREDICT, predictRequest());
    (await next()).answer();
    await second;
  });

  test("idle connections are ended by GOAWAY, those with a call are not", async () => {
    const { port, frontend } = await serve(engine, limits({ "grpc.max_connection_idle_ms": 60 }));
    const { next } = holdRuns(frontend);
    await using busy = await rawClient(port);
    busy.send(request(1, PREDICT, predictRequest()));
    const run = await next();
    await using idle = await rawClient(port);
    expect(await idle.closed).toBe("NO_ERROR");
    run.answer();
    expect(grpcReply(await busy.reply(1)).status).toBe(status.OK);
    expect(await busy.closed).toBe("NO_ERROR");
  });

  test("connections of age are replaced, and no call is lost", async () => {
    const { channel, port, frontend } = await serve(engine, limits({ "grpc.max_connection_age_ms": 40 }));
    frontend.predict = async (_signature, inputs) => {
      await new Promise((resolve) => setTimeout(resolve, 15));
      return inputs;
    };
    await using watcher = await rawClient(port);
    const { bytes } = channel({ "grpc.initial_reconnect_backoff_ms": 10 });
    let answered = 0;
    const gone = watcher.closed;
    let going = true;
    void gone.then(() => {
      going = false;
    });
    while (going || answered < 12) {
      const payload = Buffer.from(`call ${answered++}`);
      expect(predictedPayload(await bytes(PREDICT, predictRequest(payload)))).toEqual(payload);
    }
    expect(await gone).toBe("NO_ERROR");
  });

  test("a call that outlives its connection's age and grace is cut", async () => {
    const { port, frontend } = await serve(
      engine,
      limits({ "grpc.max_connection_age_ms": 400, "grpc.max_connection_age_grace_ms": 20 }),
    );
    const { next } = holdRuns(frontend);
    await using client = await rawClient(port);
    client.send(request(1, PREDICT, predictRequest()));
    const run = await next();
    await client.closed;
    await until(() => run.options.signal.aborted, "the run's signal");
    run.fail(run.options.signal.reason);
    await leasesGone(frontend);
  });
});
