import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { data, Flag, headers, Setting, settings } from "../../../../support/http2/frames.js";
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
      await using client = await rawClient(port, { initial: [[Setting.HEADER_TABLE_SIZE, sizes[0]!]] });
      let stream = 1;
      for (const size of sizes) {
        client.send(settings([Setting.HEADER_TABLE_SIZE, size]));
        await client.settled();
        for (let i = 0; i < 3; i++, stream += 2) {
          client.send(request(stream, PREDICT, predictRequest()));
          // The client's own reader throws where an index or a size is not allowed.
          expect(await payloadOf(client, stream)).toBe("hello");
        }
      }
    }
  });
});
