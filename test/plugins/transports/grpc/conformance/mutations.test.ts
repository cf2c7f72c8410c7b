import fc from "fast-check";
import { describe, test } from "vitest";
import {
  continuation,
  data,
  Flag,
  frame,
  headers,
  PREFACE,
  padded,
  ping,
  priority,
  rstStream,
  Setting,
  settings,
  Type,
  windowUpdate,
} from "../../../../support/http2/frames.js";
import { CHECK, PREDICT, request, requestFields } from "../../../../support/http2/grpc-request.js";
import { block } from "../../../../support/http2/hpack.js";
import { rawClient } from "../../../../support/http2/raw-client.js";
import { engines } from "./engines.js";
import { predictRequest } from "./predict-request.js";
import { hello, plainHeaders } from "./raw-predict.js";
import { besiege } from "./siege.js";
import { leasesGone, serve } from "./stage.js";

const remembered = block(requestFields(PREDICT), { indexing: "incremental", huffman: true });

/** A conversation that has some of everything a client may say. */
const conversation: readonly Buffer[] = [
  PREFACE,
  settings([Setting.INITIAL_WINDOW_SIZE, 1000], [Setting.HEADER_TABLE_SIZE, 500]),
  windowUpdate(0, 100_000),
  request(1, PREDICT, predictRequest()),
  headers(3, remembered.subarray(0, 20), 0),
  continuation(3, remembered.subarray(20), Flag.END_HEADERS),
  data(3, hello.subarray(0, 9)),
  ping(Buffer.from("mutation")),
  frame(Type.DATA, Flag.PADDED | Flag.END_STREAM, 3, padded(hello.subarray(9), 20)),
  priority(5, 3),
  headers(5, plainHeaders),
  data(5, hello),
  rstStream(5),
  settings([Setting.INITIAL_WINDOW_SIZE, 0]),
  request(7, CHECK, Buffer.alloc(0)),
  windowUpdate(7, 500),
  request(9, "/no/thing", Buffer.from("x")),
];

type Mutation = {
  readonly kind: "flip" | "set" | "cut" | "insert" | "repeat";
  readonly at: number;
  readonly value: number;
};

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom("flip", "set", "cut", "insert", "repeat"),
  at: fc.double({ min: 0, max: 0.999, noNaN: true }),
  value: fc.nat(255),
});

function mutate(bytes: Buffer, { kind, at, value }: Mutation): Buffer {
  const place = Math.floor(at * bytes.length);
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
  if (kind === "insert") return Buffer.concat([before, Buffer.of(value), after]);
  if (kind === "cut") return Buffer.concat([before, after.subarray(value % 12)]);
  if (kind === "repeat") return Buffer.concat([before, after.subarray(0, value), after]);
  const changed = Buffer.from(bytes);
  changed[place] = kind === "set" ? value : changed[place]! ^ (1 << (value % 8));
  return changed;
}

const frames = fc
  .shuffledSubarray([...conversation.slice(1).keys()], { minLength: 3 })
  .map((order) => [PREFACE, ...order.map((i) => conversation[i + 1]!)]);

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe.each(engines)("%s: a conversation gone wrong", (engine) => {
  const survives = async (arbitrary: fc.Arbitrary<Buffer>, numRuns: number) => {
    const stage = await serve(engine);
    await besiege(stage, () =>
      fc.assert(
        fc.asyncProperty(arbitrary, async (bytes) => {
          await using client = await rawClient(stage.port, { opening: bytes, polite: false });
          // Its end comes while the server may still be answering.
          await turn();
          client.socket.end();
          await turn();
          client.socket.destroy();
          await client.closed;
          await leasesGone(stage.frontend);
        }),
        { numRuns },
      ),
    );
  };

  test("in some of its bytes", () =>
    survives(
      fc
        .array(mutation, { minLength: 1, maxLength: 4 })
        .map((all) => all.reduce(mutate, Buffer.concat([...conversation]))),
      150,
    ));

  test("in the order of its frames", () =>
    survives(
      frames.map((each) => Buffer.concat(each)),
      100,
    ));

  test("in both", () =>
    survives(
      fc
        .tuple(frames, fc.array(mutation, { minLength: 1, maxLength: 3 }))
        .map(([each, all]) => Buffer.concat([PREFACE, settings(), all.reduce(mutate, Buffer.concat(each.slice(1)))])),
      100,
    ));
});
