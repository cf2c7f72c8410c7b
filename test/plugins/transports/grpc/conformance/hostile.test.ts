import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { status } from "@grpc/grpc-js";
import { describe, expect, onTestFinished, test } from "vitest";
import { strings } from "../../../../../core/index.js";
import { until } from "../../../../support/core-fakes.js";
import {
  continuation,
  data,
  Flag,
  frame,
  headers,
  PREFACE,
  ping,
  priority,
  rstStream,
  Setting,
  settings,
  Type,
  uint32,
  windowUpdate,
} from "../../../../support/http2/frames.js";
import { grpcReply, message, PREDICT, request, requestFields } from "../../../../support/http2/grpc-request.js";
import { block, DYNAMIC, indexed, literal } from "../../../../support/http2/hpack.js";
import { type RawClient, rawClient } from "../../../../support/http2/raw-client.js";
import { engines } from "./engines.js";
import { predictRequest } from "./predict-request.js";
import { payloadOf, plainHeaders } from "./raw-predict.js";
import { besiege, bytesInUse } from "./siege.js";
import { holdRuns, leasesGone, serve } from "./stage.js";

const MIB = 1024 * 1024;
const END = Flag.END_STREAM | Flag.END_HEADERS;
const turn = () => new Promise((resolve) => setImmediate(resolve));

const times = (count: number, make: (i: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, i) => make(i)));

/** Sends `piece` again and again until all is sent or the server has had enough. Returns whether it has. */
async function flood(client: RawClient, rounds: number, piece: (round: number) => Buffer): Promise<boolean> {
  let ended = false;
  void client.failed.then(() => {
    ended = true;
  });
  for (let round = 0; round < rounds && !ended; round++) {
    if (!client.socket.write(piece(round)))
      await Promise.race([once(client.socket, "drain").catch(() => {}), client.failed]);
    await turn();
  }
  // What it says of the last of it is on its way.
  await Promise.race([client.failed, client.settled().catch(() => client.failed)]);
  return ended;
}

/** Streams that nothing was asked on yet. */
const stream = (i: number) => 1 + 2 * i;

describe.each(engines)("%s: floods", (engine) => {
  const open = headers(1, plainHeaders);
  const small = times(200, () => data(1, Buffer.alloc(0)));

  test.each([
    [
      "calls taken back as soon as they are made",
      50,
      (round: number) =>
        times(100, (i) =>
          Buffer.concat([
            request(stream(100 * round + i), PREDICT, predictRequest()),
            rstStream(stream(100 * round + i)),
          ]),
        ),
    ],
    [
      "calls taken back before they are whole",
      50,
      (round: number) =>
        times(100, (i) =>
          Buffer.concat([headers(stream(100 * round + i), plainHeaders), rstStream(stream(100 * round + i))]),
        ),
    ],
    [
      "calls that the server is made to reset",
      50,
      (round: number) =>
        times(100, (i) =>
          Buffer.concat([headers(stream(100 * round + i), plainHeaders), windowUpdate(stream(100 * round + i), 0)]),
        ),
    ],
    ["PINGs", 100, () => times(500, () => ping(Buffer.alloc(8)))],
    ["SETTINGS", 100, () => times(500, () => settings())],
    [
      "SETTINGS that change each stream's window",
      100,
      (round: number) => times(500, (i) => settings([Setting.INITIAL_WINDOW_SIZE, 65_535 + ((round + i) % 2)])),
    ],
    ["PRIORITY", 100, () => times(500, () => priority(1, 0))],
    ["unknown frames", 100, () => times(500, () => frame(0xfe, 0, 0))],
    [
      "empty CONTINUATIONs",
      100,
      (round: number) =>
        Buffer.concat([
          ...(round === 0 ? [headers(1, Buffer.alloc(0), 0)] : []),
          times(100, () => continuation(1, Buffer.alloc(0))),
        ]),
    ],
    [
      "CONTINUATIONs without end",
      40,
      (round: number) =>
        Buffer.concat([
          ...(round === 0 ? [headers(1, Buffer.alloc(0), 0)] : []),
          times(8, () => continuation(1, block([["x-a", "a".repeat(16_000)]]))),
        ]),
    ],
  ] as const)("%s: the connection is ended", async (_, rounds, piece) => {
    const stage = await serve(engine);
    await besiege(stage, async () => {
      await using client = await rawClient(stage.port);
      const ended = await flood(client, rounds, piece);
      // nghttp2 has a limit for each of these but frames that are none of its business, and those that cost it little.
      if (engine !== "grpc-js") expect(ended).toBe(true);
      if (ended && engine !== "grpc-js") expect(await client.failed).toBe("ENHANCE_YOUR_CALM");
    });
  });

  test.each([
    ["empty DATA", () => small],
    ["WINDOW_UPDATEs", () => times(500, () => windowUpdate(0, 1))],
    ["empty DATA with padding", () => times(200, () => frame(Type.DATA, Flag.PADDED, 1, Buffer.alloc(50)))],
  ] as const)("%s: others are served meanwhile", async (_, piece) => {
    const stage = await serve(engine);
    await besiege(stage, async () => {
      await using client = await rawClient(stage.port);
      client.send(open);
      await flood(client, 60, piece);
    });
  });

  test("a header bomb is unpacked by nobody", async () => {
    const stage = await serve(engine);
    await besiege(stage, async () => {
      await using client = await rawClient(stage.port);
      const fill = literal("x-bomb", "b".repeat(4000), { indexing: "incremental" });
      client.send(headers(1, Buffer.concat([plainHeaders, fill]), Flag.END_HEADERS), rstStream(1));
      await client.settled();
      const before = await bytesInUse();
      // 50 times 15 KB stand for 3 GB.
      for (let i = 1; i <= 50; i++) {
        client.send(
          headers(stream(i), Buffer.concat([plainHeaders, times(15_000, () => indexed(DYNAMIC))]), Flag.END_HEADERS),
        );
        await turn();
      }
      await Promise.race([client.failed, client.settled().catch(() => {})]);
      expect((await bytesInUse()) - before).toBeLessThan(32 * MIB);
    });
    expect(stage.frontend.specs.length).toBeGreaterThan(1);
  });

  test("more metadata than are allowed fail their own call", async () => {
    const stage = await serve(engine);
    await using client = await rawClient(stage.port);
    const one = literal("x-large", "m".repeat(4000), { indexing: "incremental" });
    client.send(headers(1, Buffer.concat([plainHeaders, one, times(30, () => indexed(DYNAMIC))])));
    client.send(data(1, message(predictRequest()), Flag.END_STREAM));
    // grpc-js has no such limit.
    const wanted = engine === "grpc-js" ? status.OK : status.RESOURCE_EXHAUSTED;
    expect(grpcReply(await client.reply(1)).status).toBe(wanted);
  });

  test("streams beyond the limit are refused, those below it are served", async () => {
    const stage = await serve(engine, { channelArguments: { "grpc.max_concurrent_streams": 10 } });
    const held = holdRuns(stage.frontend);
    await using client = await rawClient(stage.port);
    await client.settled();
    client.send(times(40, (i) => request(stream(i), PREDICT, predictRequest(Buffer.of(65 + i)))));
    const runs = await Promise.all(Array.from({ length: 10 }, () => held.next()));
    if (engine === "grpc-js") {
      // nghttp2 gives up on a client that does not stop at the limit it knows of.
      expect(await client.failed).toBe("INTERNAL_ERROR");
      for (const run of runs) run.answer();
      return;
    }
    await client.settled();
    const refused = client.frames.filter(({ type }) => type === Type.RST_STREAM);
    expect(refused.map(({ payload }) => payload.readUInt32BE(0))).toEqual(Array(30).fill(7));
    expect(held.runs).toHaveLength(10);
    for (const run of runs) run.answer();
    for (let i = 0; i < 10; i++) expect(await payloadOf(client, stream(i))).toBe(String.fromCharCode(65 + i));
    await leasesGone(stage.frontend);
  });
});

describe.each(engines)("%s: what waits for ever", (engine) => {
  test("answers that nobody reads hold up nobody else, and are forgotten with their connection", async () => {
    const stage = await serve(engine);
    const honest = stage.frontend.predict;
    const huge = { x: strings(["h".repeat(2 * MIB)]) };
    stage.frontend.predict = async (signature, inputs, options) =>
      signature === "huge" ? huge : honest(signature, inputs, options);
    const before = await bytesInUse();
    await besiege(stage, async () => {
      const clients = await Promise.all(Array.from({ length: 3 }, () => rawClient(stage.port, { grant: false })));
      const asking = predictRequest(Buffer.alloc(0), "huge");
      for (const [i, client] of clients.entries()) {
        // One has no window, one lets nothing of the stream through, one does not read from its socket.
        if (i === 0) client.send(settings([Setting.INITIAL_WINDOW_SIZE, 0]));
        if (i === 2) client.send(settings([Setting.INITIAL_WINDOW_SIZE, 2 ** 30]), windowUpdate(0, 2 ** 30));
        await client.settled();
        if (i === 2) client.socket.pause();
        client.send(times(10, (each) => request(stream(each), PREDICT, asking)));
      }
      await until(() => stage.frontend.specs.filter(({ name }) => name === "m").length > 30, "the runs");
      await leasesGone(stage.frontend);
      for (const client of clients) client.socket.destroy();
      await Promise.all(clients.map(({ closed }) => closed));
    });
    expect((await bytesInUse()) - before).toBeLessThan(24 * MIB);
  });

  test.skipIf(engine === "grpc-js")(
    "a client that asks on and on and reads nothing is not answered into memory",
    async () => {
      const stage = await serve(engine);
      await besiege(stage, async () => {
        await using client = await rawClient(stage.port);
        const first = literal(":path", `/no/${"thing".repeat(680)}`, { indexing: "incremental" });
        const rest = block(
          requestFields("").filter(([name]) => name !== ":path"),
          { indexing: "incremental" },
        );
        client.send(headers(1, Buffer.concat([first, rest]), END));
        await client.reply(1);
        client.socket.pause();
        const before = await bytesInUse();
        const again = Buffer.concat([5, 4, 3, 2, 1, 0].map((i) => indexed(DYNAMIC + i)));
        let stalled = false;
        for (let round = 1; round < 10 && !stalled && !client.socket.destroyed; round++) {
          const went = client.socket.write(times(1000, (i) => headers(stream(1000 * round + i), again, END)));
          for (let i = 0; i < 20 && !went && client.socket.writableNeedDrain; i++) await turn();
          stalled = client.socket.writableLength > MIB;
          await turn();
        }
        // 9000 answers of 3.5 KB, of which the kernel takes some MiB.
        expect((await bytesInUse()) - before).toBeLessThan(12 * MIB);
      });
    },
  );

  test("a message that is only announced takes no memory", async () => {
    const stage = await serve(engine);
    await besiege(stage, async () => {
      await using client = await rawClient(stage.port);
      await client.settled();
      const before = await bytesInUse();
      const announced = Buffer.concat([Buffer.of(0), uint32(2 ** 29), Buffer.of(1)]);
      client.send(times(90, (i) => Buffer.concat([headers(stream(i), plainHeaders), data(stream(i), announced)])));
      await client.settled();
      expect((await bytesInUse()) - before).toBeLessThan(24 * MIB);
    });
  });

  test("connections that say nothing, or half a preface, hold up neither others nor a drain", async () => {
    const stage = await serve(engine);
    const sockets: Socket[] = [];
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });
    await besiege(stage, async () => {
      for (let i = 0; i < 400; i++) {
        const socket = connect(stage.port, "127.0.0.1");
        socket.on("error", () => {});
        sockets.push(socket);
        await once(socket, "connect");
        socket.write(PREFACE.subarray(0, i % 25));
        if (i % 10 === 0) socket.write(settings());
      }
    });
    for (const socket of sockets) socket.destroy();
    await stage.transport.drain(new AbortController().signal);
  });

  test("who does not finish the handshake in time is left", async () => {
    if (engine === "grpc-js") return;
    const stage = await serve(engine, { channelArguments: { "grpc.server_handshake_timeout_ms": 50 } });
    await using client = await rawClient(stage.port, { opening: PREFACE.subarray(0, 10), polite: false });
    expect(await client.closed).toBe("cut");
  });

  test("requests that dribble in, byte by byte, on many connections", async () => {
    const stage = await serve(engine);
    await besiege(stage, async () => {
      const clients = await Promise.all(
        Array.from({ length: 20 }, () => rawClient(stage.port, { opening: Buffer.alloc(0), polite: false })),
      );
      const whole = Buffer.concat([PREFACE, settings(), request(1, PREDICT, predictRequest(Buffer.from("slow")))]);
      for (const byte of whole) {
        for (const { socket } of clients) socket.write(Buffer.of(byte));
        await turn();
      }
      for (const client of clients) {
        expect(await payloadOf(client, 1)).toBe("slow");
        client.socket.destroy();
      }
    });
  });

  test("clients that go while their calls run leave nothing behind", async () => {
    const stage = await serve(engine);
    const aborted = new Set<number>();
    let runs = 0;
    stage.frontend.predict = (_signature, _inputs, { signal }) => {
      const run = runs++;
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          aborted.add(run);
          reject(signal.reason);
        });
      });
    };
    for (let round = 0; round < 5; round++) {
      const client = await rawClient(stage.port);
      await client.settled();
      client.send(times(90, (i) => request(stream(i), PREDICT, predictRequest())));
      await until(() => runs === 90 * (round + 1), "the runs");
      if (round % 2 === 0) client.socket.destroy();
      else client.socket.resetAndDestroy();
      await until(() => aborted.size === 90 * (round + 1), "the runs to hear of it");
    }
    await leasesGone(stage.frontend);
  });
});

describe.each(engines)("%s: noise", (engine) => {
  test("a conversation cut off at every byte", async () => {
    const stage = await serve(engine);
    const whole = Buffer.concat([PREFACE, settings(), request(1, PREDICT, predictRequest()), ping(Buffer.alloc(8))]);
    await besiege(stage, async () => {
      for (let at = 1; at <= whole.length; at++) {
        const client = await rawClient(stage.port, { opening: whole.subarray(0, at), polite: false });
        if (at % 3 === 0) client.socket.resetAndDestroy();
        else if (at % 3 === 1) client.socket.destroy();
        else {
          client.socket.end();
          await turn();
          client.socket.destroy();
        }
        await client.closed;
      }
    });
  });

  test("bytes without any sense, before the preface and after it", async () => {
    const stage = await serve(engine);
    let state = 7;
    const noisyByte = () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 16) & 255;
    };
    const noise = (length: number) => Buffer.from(Array.from({ length }, noisyByte));
    await besiege(stage, async () => {
      for (let i = 0; i < 60; i++) {
        const opening = i % 2 === 0 ? noise(500) : Buffer.concat([PREFACE, settings(), noise(500)]);
        await using client = await rawClient(stage.port, { opening, polite: false });
        await turn();
        client.socket.end();
        await turn();
      }
    });
  });

  test.each([
    ["HTTP/1.1", "GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n"],
    [
      "an upgrade",
      "GET / HTTP/1.1\r\nhost: x\r\nconnection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n\r\n",
    ],
    ["a POST of HTTP/1.1", "POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc"],
  ])("%s is no gRPC: the connection ends, with an answer if any of 4xx or 5xx", async (_, text) => {
    const stage = await serve(engine);
    const socket = connect(stage.port, "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    socket.on("error", () => {});
    let heard = Buffer.alloc(0);
    socket.on("data", (bytes) => {
      heard = Buffer.concat([heard, bytes]);
    });
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.write(text);
    // nghttp2 says GOAWAY and leaves it to the client to close.
    if (engine === "grpc-js") await until(() => heard.length > 0 || socket.destroyed, "an answer");
    else await closed;
    if (heard.toString("latin1").startsWith("HTTP/")) expect(heard.toString("latin1")).toMatch(/^HTTP\/1\.1 [45]\d\d /);
    await besiege(stage, async () => {});
  });
});
