import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { isServingError } from "../../../../../core/index.js";
import { Reason, rstStream } from "../../../../support/http2/frames.js";
import { grpcReply, PREDICT, request } from "../../../../support/http2/grpc-request.js";
import { rawClient } from "../../../../support/http2/raw-client.js";
import { engines } from "./engines.js";
import { predictRequest } from "./predict-request.js";
import { failure, type HeldRun, holdRuns, leasesGone, serve } from "./stage.js";

/** Why a run's signal aborted. */
async function abortOf({ options: { signal } }: HeldRun): Promise<string> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  return isServingError(signal.reason) ? signal.reason.code : String(signal.reason);
}

describe.each(engines)("%s: deadlines and cancellation", (engine) => {
  test.each(["300m", "300000u", "99999999n", "00000300m"])("the server ends what is later than %s", async (timeout) => {
    const { port, frontend } = await serve(engine);
    const { next } = holdRuns(frontend);
    await using client = await rawClient(port);
    client.send(request(1, PREDICT, predictRequest(), [["grpc-timeout", timeout]]));
    const run = await next();
    const { status: code, text, messages } = grpcReply(await client.reply(1));
    expect([code, messages]).toEqual([status.DEADLINE_EXCEEDED, []]);
    expect(text).toMatch(/deadline/i);
    expect(await abortOf(run)).toBe("DEADLINE_EXCEEDED");
    run.answer();
    await leasesGone(frontend);
    // The late answer went nowhere, and the connection goes on.
    await client.settled();
  });

  test.each([
    ["1H", 3_600_000],
    ["2M", 120_000],
    ["99S", 99_000],
    ["99999999m", 99_999_999],
    ["99999999H", 99_999_999 * 3_600_000],
  ])("%s is far away", async (timeout, ms) => {
    const { port, frontend } = await serve(
      engine,
      {},
      { clock: { now: () => 0, sleep: () => Promise.reject(new Error("unused")) } },
    );
    const { next } = holdRuns(frontend);
    await using client = await rawClient(port);
    client.send(request(1, PREDICT, predictRequest(), [["grpc-timeout", timeout]]));
    const run = await next();
    if (engine !== "grpc-js" || ms < 2 ** 31) {
      expect(run.options.deadline).toBeGreaterThan(ms - 60_000);
      expect(run.options.deadline).toBeLessThan(ms + 60_000);
      run.answer();
      expect(grpcReply(await client.reply(1)).status).toBe(status.OK);
    }
  });

  test("one of no time has passed already", async () => {
    const { port, frontend } = await serve(engine);
    holdRuns(frontend);
    await using client = await rawClient(port);
    client.send(request(1, PREDICT, predictRequest(), [["grpc-timeout", "0m"]]));
    expect(grpcReply(await client.reply(1)).status).toBe(status.DEADLINE_EXCEEDED);
  });

  test.each(["soon", "", "m", "-5S"])(
    "a timeout written %j is refused, and no run begins or goes on",
    async (timeout) => {
      const { port, frontend } = await serve(engine);
      await using client = await rawClient(port);
      client.send(request(1, PREDICT, predictRequest(), [["grpc-timeout", timeout]]));
      const { status: code } = grpcReply(await client.reply(1));
      // grpc-js finds "5S" in "-5S", and an absent timeout in an empty one.
      const lenient = engine === "grpc-js" ? [status.OK] : [];
      expect([status.INTERNAL, status.INVALID_ARGUMENT, ...lenient]).toContain(code);
      await leasesGone(frontend);
    },
  );

  test("a client's deadline is the run's", async () => {
    const { channel, frontend } = await serve(engine);
    const { next } = holdRuns(frontend);
    const call = failure(channel().bytes(PREDICT, predictRequest(), { deadline: Date.now() + 500 }));
    const run = await next();
    expect((await call).code).toBe(status.DEADLINE_EXCEEDED);
    expect(["DEADLINE_EXCEEDED", "CANCELLED"]).toContain(await abortOf(run));
    run.fail(run.options.signal.reason);
    await leasesGone(frontend);
  });

  test("a call that is answered in time is not aborted afterwards", async () => {
    const { channel, frontend } = await serve(engine);
    const { next } = holdRuns(frontend);
    const { bytes } = channel();
    const call = bytes(PREDICT, predictRequest(), { deadline: Date.now() + 20_000 });
    const run = await next();
    run.answer();
    await call;
    const second = bytes(PREDICT, predictRequest());
    (await next()).answer();
    await second;
    expect(run.options.signal.aborted).toBe(false);
  });

  test("a client's cancel reaches the run", async () => {
    const { channel, frontend } = await serve(engine);
    const { next } = holdRuns(frontend);
    const { client } = channel();
    const pass = (bytes: Buffer) => bytes;
    const ended = new Promise<number | undefined>((resolve) => {
      const call = client.makeUnaryRequest(PREDICT, pass, pass, Buffer.from(predictRequest()), (error) =>
        resolve(error?.code),
      );
      void next().then(async (run) => {
        call.cancel();
        expect(await abortOf(run)).toBe("CANCELLED");
        run.fail(run.options.signal.reason);
      });
    });
    expect(await ended).toBe(status.CANCELLED);
    await leasesGone(frontend);
  });

  test.each(["CANCEL", "NO_ERROR", "INTERNAL_ERROR", "REFUSED_STREAM"] as const)(
    "RST_STREAM %s reaches the run",
    async (reason) => {
      const { port, frontend } = await serve(engine);
      const { next } = holdRuns(frontend);
      await using client = await rawClient(port);
      client.send(request(1, PREDICT, predictRequest()), request(3, PREDICT, predictRequest()));
      const [first, second] = [await next(), await next()];
      client.send(rstStream(1, Reason[reason]));
      expect(await abortOf(first)).toBe("CANCELLED");
      first.answer();
      second.answer();
      expect(grpcReply(await client.reply(3)).status).toBe(status.OK);
      expect(second.options.signal.aborted).toBe(false);
      await leasesGone(frontend);
      expect(client.frames.filter(({ stream }) => stream === 1)).toEqual([]);
    },
  );

  test.each(["end", "resetAndDestroy"] as const)(
    "the loss of the connection (%s) reaches every run on it",
    async (how) => {
      const { port, frontend } = await serve(engine);
      const { next } = holdRuns(frontend);
      await using client = await rawClient(port);
      for (let i = 0; i < 10; i++) client.send(request(1 + 2 * i, PREDICT, predictRequest()));
      const runs = await Promise.all(Array.from({ length: 10 }, next));
      client.socket[how]();
      for (const run of runs) expect(await abortOf(run)).toBe("CANCELLED");
      for (const run of runs) run.fail(run.options.signal.reason);
      await leasesGone(frontend);
    },
  );
});
