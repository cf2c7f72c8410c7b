import {
  continuation,
  data,
  Flag,
  frame,
  headers,
  MAX_WINDOW,
  padded,
  priority,
  type ReasonName,
  rstStream,
  Setting,
  settings,
  settingsAck,
  Type,
  uint32,
  windowUpdate,
} from "../../../../support/http2/frames.js";
import { PREDICT, requestFields } from "../../../../support/http2/grpc-request.js";
import {
  block,
  DYNAMIC,
  type Field,
  indexed,
  integer,
  literal,
  tableSize,
  text,
} from "../../../../support/http2/hpack.js";
import { END_OF_STRING, huffmanBits, packBits } from "../../../../support/http2/huffman.js";
import { hello, plainHeaders } from "./raw-predict.js";

/** What a server does about a violation: `ignored` leaves stream and connection as they were, `answered` replies. */
export type Outcome = `stream ${ReasonName}` | `connection ${ReasonName | "cut"}` | "ignored" | "answered";

export type Violation = {
  readonly rule: string;
  /** Where the rule stands in RFC 9113, or in RFC 7541 where it says HPACK. */
  readonly section: string;
  /** What the client has on its connection before: nothing, or stream 1 in this state. The model's run is held. */
  readonly stream1?: "open" | "half-closed" | "answered" | "reset";
  readonly bytes: readonly Buffer[];
  /** The stream at fault where that is not stream 1. */
  readonly stream?: number;
  /** What the RFC asks for first, then what it allows. */
  readonly outcomes: readonly Outcome[];
  /** What grpc-js, which is nghttp2 below, does beside these. */
  readonly nghttp2?: readonly Outcome[];
};

const PROTOCOL = ["connection PROTOCOL_ERROR"] as const;
const SIZE = ["connection FRAME_SIZE_ERROR"] as const;
const MALFORMED = ["stream PROTOCOL_ERROR", "connection PROTOCOL_ERROR"] as const;
const COMPRESSION = ["connection COMPRESSION_ERROR"] as const;
const END = Flag.END_STREAM | Flag.END_HEADERS;

const tooLarge = Buffer.alloc(16_385);
const zeros = (count: number) => Buffer.alloc(count);
const open1 = headers(1, plainHeaders);

const sizes: readonly Violation[] = [
  {
    rule: "DATA above MAX_FRAME_SIZE",
    section: "4.2",
    stream1: "open",
    bytes: [data(1, tooLarge)],
    outcomes: [...SIZE, "stream FRAME_SIZE_ERROR"],
  },
  { rule: "HEADERS above MAX_FRAME_SIZE", section: "4.2", bytes: [headers(1, tooLarge)], outcomes: SIZE },
  {
    rule: "an unknown frame above MAX_FRAME_SIZE",
    section: "4.2",
    bytes: [frame(0xee, 0, 0, tooLarge)],
    outcomes: [...SIZE, "ignored"],
  },
  { rule: "PING of 7 bytes", section: "6.7", bytes: [frame(Type.PING, 0, 0, zeros(7))], outcomes: SIZE },
  { rule: "PING of 9 bytes", section: "6.7", bytes: [frame(Type.PING, 0, 0, zeros(9))], outcomes: SIZE },
  {
    rule: "RST_STREAM of 3 bytes",
    section: "6.4",
    stream1: "open",
    bytes: [frame(Type.RST_STREAM, 0, 1, zeros(3))],
    outcomes: SIZE,
  },
  {
    rule: "RST_STREAM of 5 bytes",
    section: "6.4",
    stream1: "open",
    bytes: [frame(Type.RST_STREAM, 0, 1, zeros(5))],
    outcomes: SIZE,
  },
  {
    rule: "WINDOW_UPDATE of 3 bytes",
    section: "6.9",
    bytes: [frame(Type.WINDOW_UPDATE, 0, 0, zeros(3))],
    outcomes: SIZE,
  },
  {
    rule: "WINDOW_UPDATE of 5 bytes",
    section: "6.9",
    bytes: [frame(Type.WINDOW_UPDATE, 0, 0, Buffer.of(0, 0, 0, 1, 0))],
    outcomes: SIZE,
  },
  { rule: "SETTINGS of 5 bytes", section: "6.5", bytes: [frame(Type.SETTINGS, 0, 0, zeros(5))], outcomes: SIZE },
  {
    rule: "an ACK of SETTINGS with a payload",
    section: "6.5",
    bytes: [frame(Type.SETTINGS, Flag.ACK, 0, zeros(6))],
    outcomes: SIZE,
  },
  {
    rule: "PRIORITY of 4 bytes",
    section: "6.3",
    stream1: "open",
    bytes: [frame(Type.PRIORITY, 0, 1, zeros(4))],
    outcomes: ["stream FRAME_SIZE_ERROR", ...SIZE],
  },
  { rule: "GOAWAY of 7 bytes", section: "6.8", bytes: [frame(Type.GOAWAY, 0, 0, zeros(7))], outcomes: SIZE },
  {
    rule: "HEADERS that should have priority and are too short",
    section: "6.2",
    bytes: [frame(Type.HEADERS, END | Flag.PRIORITY, 1, zeros(4))],
    outcomes: [...SIZE, ...PROTOCOL],
  },
];

const identifiers: readonly Violation[] = [
  { rule: "DATA on stream 0", section: "6.1", bytes: [data(0, hello)], outcomes: PROTOCOL },
  { rule: "HEADERS on stream 0", section: "6.2", bytes: [headers(0, plainHeaders)], outcomes: PROTOCOL },
  { rule: "PRIORITY on stream 0", section: "6.3", bytes: [priority(0, 1)], outcomes: PROTOCOL },
  { rule: "RST_STREAM on stream 0", section: "6.4", bytes: [rstStream(0)], outcomes: PROTOCOL },
  {
    rule: "SETTINGS on a stream",
    section: "6.5",
    stream1: "open",
    bytes: [frame(Type.SETTINGS, 0, 1)],
    outcomes: PROTOCOL,
  },
  {
    rule: "PING on a stream",
    section: "6.7",
    stream1: "open",
    bytes: [frame(Type.PING, 0, 1, zeros(8))],
    outcomes: PROTOCOL,
  },
  {
    rule: "GOAWAY on a stream",
    section: "6.8",
    stream1: "open",
    bytes: [frame(Type.GOAWAY, 0, 1, zeros(8))],
    outcomes: PROTOCOL,
  },
  {
    rule: "CONTINUATION on stream 0",
    section: "6.10",
    bytes: [continuation(0, plainHeaders, Flag.END_HEADERS)],
    outcomes: PROTOCOL,
  },
  {
    rule: "PUSH_PROMISE from a client",
    section: "8.4",
    stream1: "open",
    bytes: [frame(Type.PUSH_PROMISE, Flag.END_HEADERS, 1, Buffer.concat([uint32(2), plainHeaders]))],
    outcomes: PROTOCOL,
  },
  { rule: "DATA on an idle stream", section: "5.1", bytes: [data(1, hello)], outcomes: PROTOCOL },
  { rule: "RST_STREAM on an idle stream", section: "5.1", bytes: [rstStream(1)], outcomes: PROTOCOL },
  { rule: "WINDOW_UPDATE on an idle stream", section: "5.1", bytes: [windowUpdate(1, 1)], outcomes: PROTOCOL },
  {
    rule: "HEADERS on a stream of the server's",
    section: "5.1.1",
    stream: 2,
    bytes: [headers(2, plainHeaders)],
    outcomes: PROTOCOL,
  },
  {
    rule: "HEADERS on a stream that a higher one has closed",
    section: "5.1.1",
    stream: 3,
    bytes: [headers(5, plainHeaders), headers(3, plainHeaders)],
    outcomes: [...PROTOCOL, "connection STREAM_CLOSED"],
    nghttp2: ["ignored"],
  },
  {
    rule: "HEADERS on a stream that has been answered",
    section: "5.1",
    stream1: "answered",
    bytes: [headers(1, plainHeaders)],
    outcomes: ["connection STREAM_CLOSED", ...PROTOCOL, "stream STREAM_CLOSED"],
    nghttp2: ["ignored"],
  },
  {
    rule: "HEADERS on a stream that the client has reset",
    section: "5.1",
    stream1: "reset",
    bytes: [headers(1, plainHeaders, END)],
    outcomes: ["ignored", "connection STREAM_CLOSED", ...PROTOCOL, "stream STREAM_CLOSED"],
  },
  {
    rule: "DATA on a stream that has been answered",
    section: "5.1",
    stream1: "answered",
    bytes: [data(1, hello)],
    outcomes: ["ignored", "connection STREAM_CLOSED", "stream STREAM_CLOSED"],
  },
  {
    rule: "DATA on a stream that the client has reset",
    section: "5.1",
    stream1: "reset",
    bytes: [data(1, hello)],
    outcomes: ["ignored", "stream STREAM_CLOSED", "connection STREAM_CLOSED"],
  },
  {
    rule: "DATA after END_STREAM",
    section: "5.1",
    stream1: "half-closed",
    bytes: [data(1, hello)],
    outcomes: ["stream STREAM_CLOSED", "connection STREAM_CLOSED"],
  },
  {
    rule: "HEADERS after END_STREAM",
    section: "5.1",
    stream1: "half-closed",
    bytes: [headers(1, plainHeaders, END)],
    outcomes: ["stream STREAM_CLOSED", "connection STREAM_CLOSED"],
  },
  {
    rule: "a stream that depends on itself, which was an error in RFC 7540",
    section: "5.3.2",
    stream1: "open",
    bytes: [priority(1, 1)],
    outcomes: ["ignored", "stream PROTOCOL_ERROR", "connection PROTOCOL_ERROR"],
  },
];

const windowsAndSettings: readonly Violation[] = [
  { rule: "WINDOW_UPDATE of 0 on the connection", section: "6.9", bytes: [windowUpdate(0, 0)], outcomes: PROTOCOL },
  {
    rule: "WINDOW_UPDATE of 0 on a stream",
    section: "6.9",
    stream1: "open",
    bytes: [windowUpdate(1, 0)],
    outcomes: MALFORMED,
  },
  {
    rule: "the connection's window above 2^31-1",
    section: "6.9.1",
    bytes: [windowUpdate(0, MAX_WINDOW)],
    outcomes: ["connection FLOW_CONTROL_ERROR"],
  },
  {
    rule: "a stream's window above 2^31-1",
    section: "6.9.1",
    stream1: "open",
    bytes: [windowUpdate(1, MAX_WINDOW)],
    outcomes: ["stream FLOW_CONTROL_ERROR", "connection FLOW_CONTROL_ERROR"],
  },
  {
    rule: "a stream's window above 2^31-1 by SETTINGS",
    section: "6.9.2",
    stream1: "open",
    bytes: [windowUpdate(1, MAX_WINDOW - 65_535), settings([Setting.INITIAL_WINDOW_SIZE, 65_536])],
    outcomes: ["connection FLOW_CONTROL_ERROR"],
    nghttp2: ["stream FLOW_CONTROL_ERROR"],
  },
  {
    rule: "INITIAL_WINDOW_SIZE above 2^31-1",
    section: "6.5.2",
    bytes: [settings([Setting.INITIAL_WINDOW_SIZE, 2 ** 31])],
    outcomes: ["connection FLOW_CONTROL_ERROR"],
  },
  { rule: "ENABLE_PUSH of 2", section: "6.5.2", bytes: [settings([Setting.ENABLE_PUSH, 2])], outcomes: PROTOCOL },
  {
    rule: "MAX_FRAME_SIZE of 16383",
    section: "6.5.2",
    bytes: [settings([Setting.MAX_FRAME_SIZE, 16_383])],
    outcomes: PROTOCOL,
  },
  {
    rule: "MAX_FRAME_SIZE of 2^24",
    section: "6.5.2",
    bytes: [settings([Setting.MAX_FRAME_SIZE, 2 ** 24])],
    outcomes: PROTOCOL,
  },
  {
    rule: "an ACK of SETTINGS that were never sent",
    section: "6.5.3",
    bytes: [settingsAck(), settingsAck(), settingsAck()],
    outcomes: ["ignored", ...PROTOCOL],
  },
];

const begun = headers(1, plainHeaders.subarray(0, 20), 0);

const blocks: readonly Violation[] = [
  {
    rule: "CONTINUATION without HEADERS",
    section: "6.10",
    bytes: [continuation(1, plainHeaders, Flag.END_HEADERS)],
    outcomes: PROTOCOL,
  },
  {
    rule: "CONTINUATION after the end of the headers",
    section: "6.10",
    stream1: "open",
    bytes: [continuation(1, plainHeaders, Flag.END_HEADERS)],
    outcomes: PROTOCOL,
  },
  {
    rule: "CONTINUATION of another stream's headers",
    section: "6.10",
    bytes: [begun, continuation(3, plainHeaders.subarray(20), Flag.END_HEADERS)],
    outcomes: PROTOCOL,
  },
  { rule: "DATA within a header block", section: "6.2", bytes: [begun, data(1, hello)], outcomes: PROTOCOL },
  {
    rule: "HEADERS of another stream within a header block",
    section: "6.2",
    bytes: [begun, headers(3, plainHeaders)],
    outcomes: PROTOCOL,
  },
  {
    rule: "PING within a header block",
    section: "6.2",
    bytes: [begun, frame(Type.PING, 0, 0, zeros(8))],
    outcomes: PROTOCOL,
  },
  { rule: "SETTINGS within a header block", section: "6.2", bytes: [begun, settings()], outcomes: PROTOCOL },
  {
    rule: "an unknown frame within a header block",
    section: "5.5",
    bytes: [begun, frame(0xee, 0, 1)],
    outcomes: PROTOCOL,
  },
  {
    rule: "DATA padded by more than it is",
    section: "6.1",
    stream1: "open",
    bytes: [frame(Type.DATA, Flag.PADDED, 1, Buffer.of(5, 0, 0, 0, 0))],
    outcomes: PROTOCOL,
  },
  {
    rule: "DATA that has no room for the length of its padding",
    section: "6.1",
    stream1: "open",
    bytes: [frame(Type.DATA, Flag.PADDED, 1)],
    outcomes: [...SIZE, ...PROTOCOL],
  },
  {
    rule: "HEADERS padded by more than they are",
    section: "6.2",
    bytes: [frame(Type.HEADERS, END | Flag.PADDED, 1, Buffer.concat([Buffer.of(200), plainHeaders.subarray(0, 20)]))],
    outcomes: PROTOCOL,
  },
  {
    rule: "HEADERS whose padding leaves no room for their priority",
    section: "6.2",
    bytes: [frame(Type.HEADERS, END | Flag.PADDED | Flag.PRIORITY, 1, padded(zeros(4), 3))],
    outcomes: [...PROTOCOL, ...SIZE],
  },
];

const coded = (bits: string, fill: "0" | "1" = "1") => {
  const bytes = packBits(bits, fill);
  return Buffer.concat([Buffer.of(0), text("x-a"), integer(bytes.length, 7, 128), bytes]);
};

const compression: readonly Violation[] = (
  [
    ["index 0", Buffer.of(0x80), "6.1"],
    ["an index beyond the static table", indexed(DYNAMIC), "2.3.3"],
    ["an index far beyond both tables", indexed(1_000_000), "2.3.3"],
    ["the index of a name that is not there", literal(DYNAMIC + 5, "v"), "2.3.3"],
    ["an integer without end", Buffer.concat([Buffer.of(0xff), Buffer.alloc(30, 0xff), Buffer.of(0)]), "5.1"],
    ["an integer that is cut off", Buffer.of(0xff, 0x80), "5.1"],
    [
      "a string that is cut off",
      Buffer.concat([Buffer.of(0), text("x-a"), integer(200, 7), Buffer.from("short")]),
      "5.2",
    ],
    ["a string longer than all that may come", Buffer.concat([Buffer.of(0), integer(2 ** 40, 7)]), "5.2"],
    ["a literal without its value", Buffer.concat([Buffer.of(0), text("x-a")]), "6.2"],
    ["Huffman: the end of string in a string", coded(huffmanBits(Buffer.from("ab")) + END_OF_STRING), "5.2"],
    ["Huffman: more than 7 bits of padding", coded(`${huffmanBits(Buffer.from("0"))}11111111111`), "5.2"],
    ["Huffman: padding that is not of ones", coded(huffmanBits(Buffer.from("0")), "0"), "5.2"],
    ["a table larger than was allowed", Buffer.concat([tableSize(4097), plainHeaders]), "6.3"],
    ["a table's size after a field", Buffer.concat([plainHeaders, tableSize(0)]), "4.2"],
  ] as const
).map(([rule, bytes, section]) => ({
  rule: `HPACK: ${rule}`,
  section,
  bytes: [headers(1, bytes, END)],
  outcomes: COMPRESSION,
}));

/** A Predict with `fields` in the place of its own. */
const asking = (fields: readonly Field[]) => [headers(1, block(fields)), data(1, hello, Flag.END_STREAM)];
const without = (name: string) => requestFields(PREDICT).filter(([each]) => each !== name);
const plus = (...more: readonly Field[]) => asking(requestFields(PREDICT, more));
const malformed = (
  rule: string,
  section: string,
  bytes: readonly Buffer[],
  more: Partial<Violation> = {},
): Violation => ({
  rule,
  section,
  bytes,
  outcomes: MALFORMED,
  ...more,
});

/** nghttp2 leaves some such fields out and goes on. */
const PASSED_OVER = { nghttp2: ["answered"] } as const;

/** The RFC names zero bytes and line breaks as the least that is checked in values. */
const LENIENT = { outcomes: [...MALFORMED, "answered"] } as const;

const fields: readonly Violation[] = [
  malformed("a name with capital letters", "8.2.1", plus(["X-Trace", "1"])),
  malformed("a name that is empty", "8.2.1", plus(["", "1"]), PASSED_OVER),
  malformed("a name with a space", "8.2.1", plus(["x trace", "1"]), PASSED_OVER),
  malformed("a name with a line break", "8.2.1", plus(["x\ntrace", "1"]), PASSED_OVER),
  malformed("a name beyond ASCII", "8.2.1", plus(["x-tr\u00e4ce", "1"]), PASSED_OVER),
  malformed("a value with a zero byte", "8.2.1", plus(["x-trace", "a\0b"]), PASSED_OVER),
  malformed("a value with a line break", "8.2.1", plus(["x-trace", "a\nb"]), PASSED_OVER),
  malformed("a value with a carriage return", "8.2.1", plus(["x-trace", "a\rb"]), PASSED_OVER),
  malformed("a value that begins with a space", "8.2.1", plus(["x-trace", " a"]), LENIENT),
  malformed("a value that ends with a tab", "8.2.1", plus(["x-trace", "a\t"]), LENIENT),
  malformed("a pseudo-header after a field", "8.3", asking([...without(":path"), [":path", PREDICT]])),
  malformed("an unknown pseudo-header", "8.3", asking([[":unknown", "1"], ...requestFields(PREDICT)])),
  malformed("a pseudo-header of answers", "8.3", asking([[":status", "200"], ...requestFields(PREDICT)])),
  malformed("a method twice", "8.3.1", asking([[":method", "POST"], ...requestFields(PREDICT)])),
  malformed("a path twice", "8.3.1", asking([[":path", PREDICT], ...requestFields(PREDICT)])),
  malformed("no method", "8.3.1", asking(without(":method"))),
  malformed("no path", "8.3.1", asking(without(":path"))),
  malformed("no scheme", "8.3.1", asking(without(":scheme"))),
  malformed("an empty path", "8.3.1", asking([[":path", ""], ...without(":path")])),
  malformed("no fields at all", "8.3.1", [headers(1, zeros(0), END)]),
  ...(["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"] as const).map((name) =>
    malformed(`the field ${name}`, "8.2.2", plus([name, "x"])),
  ),
  malformed("te other than trailers", "8.2.2", asking([...without("te"), ["te", "gzip"]])),
  malformed("trailers that do not end the stream", "8.1", [open1, data(1, hello), headers(1, block([["x-a", "1"]]))]),
  malformed("trailers with a pseudo-header", "8.1", [open1, data(1, hello), headers(1, block([[":path", "/"]]), END)]),
  malformed("less content than content-length says", "8.1.1", plus(["content-length", "1000"]), LENIENT),
  malformed("more content than content-length says", "8.1.1", plus(["content-length", "1"]), LENIENT),
];

/** What RFC 9113 and RFC 7541 forbid a client to send, and what a server has to say to it. */
export const violations: readonly Violation[] = [
  ...sizes,
  ...identifiers,
  ...windowsAndSettings,
  ...blocks,
  ...compression,
  ...fields,
];
