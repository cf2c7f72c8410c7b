import { describe, expect, test } from "vitest";
import {
  Flag,
  headers,
  PREFACE,
  ping,
  Reason,
  rstStream,
  settings,
  settingsAck,
  Type,
} from "../../../../support/http2/frames.js";
import { PREDICT, request } from "../../../../support/http2/grpc-request.js";
import { type RawClient, rawClient } from "../../../../support/http2/raw-client.js";
import { engines } from "./engines.js";
import { predictedPayload, predictRequest } from "./predict-request.js";
import { payloadOf, plainHeaders } from "./raw-predict.js";
import { holdRuns, leasesGone, serve } from "./stage.js";
import { type Outcome, violations } from "./violations.js";

/** What became of what was sent: known when two PINGs after it have been answered, or cannot be. */
async function outcomeOf(client: RawClient, stream: number, bytes: readonly Buffer[]): Promise<Outcome> {
  const before = client.frames.length;
  client.send(...bytes);
  const fatal = client.failed.then((reason): Outcome => `connection ${reason}`);
  const settled = (async (): Promise<Outcome> => {
    // The answer to the first may overtake a RST_STREAM.
    await client.settled();
    await client.settled();
    const news = client.frames.slice(before);
    const reset = news.find((each) => each.type === Type.RST_STREAM && each.stream === stream);
    if (reset) {
      const code = reset.payload.readUInt32BE(0);
      return `stream ${Object.entries(Reason).find(([, value]) => value === code)?.[0] as keyof typeof Reason}`;
    }
    return news.some((each) => each.type === Type.HEADERS && each.stream === stream) ? "answered" : "ignored";
  })().catch(() => fatal);
  return Promise.race([fatal, settled]);
}

describe.each(engines)("%s: what RFC 9113 forbids", (engine) => {
  test.each(violations)("$rule ($section)", async ({ stream1, bytes, stream = 1, outcomes, nghttp2 = [] }) => {
    const { port, frontend, channel } = await serve(engine);
    const held = holdRuns(frontend);
    await using client = await rawClient(port);
    await client.settled();
    if (stream1 === "open") client.send(headers(1, plainHeaders));
    else if (stream1) client.send(request(1, PREDICT, predictRequest()));
    if (stream1 === "reset") client.send(rstStream(1));
    if (stream1 === "answered") {
      (await held.next()).answer();
      await payloadOf(client, 1);
    }
    if (stream1) await client.settled();
    frontend.predict = async (_signature, inputs) => inputs;
    const outcome = await outcomeOf(client, stream, bytes);
    // Node makes one INTERNAL_ERROR of most of what its nghttp2 finds.
    const allowed = engine === "grpc-js" ? [...outcomes, ...nghttp2, "connection INTERNAL_ERROR"] : outcomes;
    expect(allowed).toContain(outcome);
    for (const run of held.runs) run.fail(run.options.signal.reason ?? new Error("the test is over"));
    if (outcome.startsWith("connection")) {
      // nghttp2 in Node waits for the client to close.
      if (engine !== "grpc-js") await client.closed;
    } else {
      client.send(request(1001, PREDICT, predictRequest()));
      expect(await payloadOf(client, 1001)).toBe("hello");
    }
    // Whatever one client does, others are served.
    const { bytes: call } = channel();
    expect(predictedPayload(await call(PREDICT, predictRequest())).toString()).toBe("hello");
    client.socket.destroy();
    await leasesGone(frontend);
  });

  test.each([
    ["another preface", Buffer.from("PRI * HTTP/2.1\r\n\r\nSM\r\n\r\n")],
    ["bytes of another protocol", Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, ...Buffer.alloc(30)])],
    ["a preface without SETTINGS", Buffer.concat([PREFACE, ping(Buffer.alloc(8))])],
    ["a preface with headers at once", Buffer.concat([PREFACE, headers(1, plainHeaders, Flag.END_HEADERS)])],
    ["a preface with an ACK for SETTINGS", Buffer.concat([PREFACE, settingsAck()])],
    ["the preface twice", Buffer.concat([PREFACE, PREFACE, settings()])],
  ])("%s ends the connection (3.4)", async (_, opening) => {
    const { port, channel } = await serve(engine);
    await using client = await rawClient(port, { opening, polite: false });
    const reasons =
      engine === "grpc-js"
        ? ["PROTOCOL_ERROR", "cut", "INTERNAL_ERROR", "FRAME_SIZE_ERROR"]
        : ["PROTOCOL_ERROR", "cut", "FRAME_SIZE_ERROR"];
    expect(reasons).toContain(await client.failed);
    expect(predictedPayload(await channel().bytes(PREDICT, predictRequest())).toString()).toBe("hello");
  });
});
