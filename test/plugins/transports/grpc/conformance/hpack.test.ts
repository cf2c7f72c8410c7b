import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { data, Flag, headers } from "../../../../support/http2/frames.js";
import { grpcReply, PREDICT, request, requestFields } from "../../../../support/http2/grpc-request.js";
import {
  block,
  DYNAMIC,
  type Field,
  indexed,
  literal,
  staticIndex,
  tableSize,
} from "../../../../support/http2/hpack.js";
import { rawClient } from "../../../../support/http2/raw-client.js";
import { engines } from "./engines.js";
import { predictRequest } from "./predict-request.js";
import { hello, payloadOf, plainHeaders } from "./raw-predict.js";
import { serve } from "./stage.js";

const END = Flag.END_STREAM | Flag.END_HEADERS;

describe.each(engines)("%s: HPACK", (engine) => {
  /** One request for each block; each must be taken for the same. */
  async function taken(...blocks: readonly Buffer[]): Promise<void> {
    const { port } = await serve(engine);
    await using client = await rawClient(port);
    for (const [i, each] of blocks.entries()) {
      client.send(headers(1 + 2 * i, each), data(1 + 2 * i, hello, Flag.END_STREAM));
      expect(await payloadOf(client, 1 + 2 * i)).toBe("hello");
    }
  }
  const fields = requestFields(PREDICT, [
    ["x-one", "1"],
    ["x-two", "größe ~"],
  ]);

  test("literals of each kind, plain and in Huffman", () =>
    taken(
      ...(["without", "never", "incremental"] as const).flatMap((indexing) =>
        [false, true].map((huffman) => block(fields, { indexing, huffman })),
      ),
    ));

  test("names by index", () =>
    taken(
      Buffer.concat(fields.map(([name, value]) => literal(staticIndex(name) || name, value, { indexing: "never" }))),
    ));

  test("whole fields from the tables", () => {
    const known = (name: string, value: string) => indexed(staticIndex(name, value));
    const first = Buffer.concat([
      known(":method", "POST"),
      known(":scheme", "http"),
      ...fields.slice(2).map(([name, value]) => literal(name, value, { indexing: "incremental" })),
    ]);
    const count = fields.length - 2;
    // The one that came first is the oldest: it has the highest index.
    const second = Buffer.concat([
      known(":method", "POST"),
      known(":scheme", "http"),
      ...fields.slice(2).map((_, i) => indexed(DYNAMIC + count - 1 - i)),
    ]);
    return taken(first, second, second);
  });

  test("a table that is emptied, and one that is kept small", () => {
    const kept = block(fields, { indexing: "incremental" });
    const path = literal(":path", PREDICT, { indexing: "incremental" });
    const others = (skip: string) => block(fields.filter(([name]) => name !== skip));
    const pathFirst = Buffer.concat([tableSize(0), tableSize(200), path, others(":path")]);
    return taken(
      kept,
      Buffer.concat([tableSize(0), block(fields)]),
      pathFirst,
      Buffer.concat([indexed(DYNAMIC), others(":path")]),
    );
  });

  test("entries fall out of the table when newer ones need the room", () => {
    const fill = (i: number): Field => [`x-fill-${i}`, String.fromCharCode(97 + i).repeat(900)];
    const rounds = Array.from({ length: 12 }, (_, i) =>
      Buffer.concat([block(fields), literal(...fill(i), { indexing: "incremental" })]),
    );
    return taken(...rounds, Buffer.concat([block(fields), indexed(DYNAMIC), indexed(DYNAMIC + 2)]));
  });

  test("the same bytes mean something else once the table has changed", async () => {
    const { port } = await serve(engine);
    await using client = await rawClient(port);
    const path = (value: string) => literal(":path", value, { indexing: "incremental" });
    const others = block(requestFields("").filter(([name]) => name !== ":path"));
    const ask = (stream: number, first: Buffer) =>
      client.send(headers(stream, Buffer.concat([first, others])), data(stream, hello, Flag.END_STREAM));
    const newest = indexed(DYNAMIC);
    ask(1, path(PREDICT));
    for (const stream of [3, 5, 7]) ask(stream, newest);
    ask(9, path("/no/thing"));
    for (const stream of [11, 13]) ask(stream, newest);
    ask(15, path(PREDICT));
    for (const stream of [17, 19]) ask(stream, newest);
    for (const stream of [1, 3, 5, 7, 15, 17, 19]) expect(await payloadOf(client, stream)).toBe("hello");
    for (const stream of [9, 11, 13]) {
      expect(grpcReply(await client.reply(stream)).status).toBe(status.UNIMPLEMENTED);
    }
  });

  test("short blocks that are the same again and again", () => {
    const kept = block(fields, { indexing: "incremental" });
    // The newest comes first: here it is the order of the fields that the client must turn round.
    const again = Buffer.concat(fields.map((_, i) => indexed(DYNAMIC + fields.length - 1 - i)));
    const other = Buffer.concat([again, literal("x-three", "3", { indexing: "incremental" })]);
    const moved = Buffer.concat(fields.map((_, i) => indexed(DYNAMIC + fields.length - i)));
    return taken(kept, again, again, again, other, moved, moved);
  });

  test("an entry counts its name, its value and 32 bytes, to the byte", async () => {
    const { port } = await serve(engine);
    for (const [size, fits] of [
      [2 * (3 + 1 + 32), true],
      [2 * (3 + 1 + 32) - 1, false],
    ] as const) {
      await using client = await rawClient(port);
      const entry = (name: string) => literal(name, "1", { indexing: "incremental" });
      const filled = Buffer.concat([tableSize(size), plainHeaders, entry("x-a"), entry("x-b"), indexed(DYNAMIC + 1)]);
      client.send(headers(1, filled), data(1, hello, Flag.END_STREAM));
      if (fits) expect(await payloadOf(client, 1)).toBe("hello");
      else expect(await client.failed).toBe("COMPRESSION_ERROR");
    }
  });

  test("an entry larger than the table empties it", () =>
    taken(
      Buffer.concat([block(fields), literal("x-one", "1", { indexing: "incremental" })]),
      Buffer.concat([block(fields), literal("x-huge", "h".repeat(5000), { indexing: "incremental" })]),
      Buffer.concat([block(fields), literal("x-two", "2", { indexing: "incremental" }), indexed(DYNAMIC)]),
    ));

  test("trailers and requests that are refused change the table like all others", async () => {
    const { port } = await serve(engine);
    await using client = await rawClient(port);
    const remember = (name: string) => literal(name, "kept", { indexing: "incremental" });
    client.send(headers(1, plainHeaders), data(1, hello), headers(1, remember("x-trailer"), END));
    await payloadOf(client, 1);
    client.send(headers(3, Buffer.concat([block(requestFields("/no/thing")), remember("x-refused")]), END));
    expect(grpcReply(await client.reply(3)).status).toBe(status.UNIMPLEMENTED);
    client.send(
      headers(5, Buffer.concat([plainHeaders, indexed(DYNAMIC), indexed(DYNAMIC + 1)])),
      data(5, hello, Flag.END_STREAM),
    );
    expect(await payloadOf(client, 5)).toBe("hello");
  });

  test("the server keeps to the table size that its client allows, at each change", async () => {
    const { port } = await serve(engine);
    for (const sizes of [[0], [4096, 0, 4096], [100, 50, 1000], [65_536]]) {
      await using client = await rawClient(port);
      await client.settled();
      let stream = 1;
      for (const size of sizes) {
        await client.limitTable(size);
        for (let i = 0; i < 3; i++, stream += 2) {
          client.send(request(stream, PREDICT, predictRequest()));
          // The client's own reader throws where an index or a size is not allowed.
          expect(await payloadOf(client, stream)).toBe("hello");
        }
      }
    }
  });
});
