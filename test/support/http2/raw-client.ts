import { once } from "node:events";
import { connect, type Socket } from "node:net";
import {
  Flag,
  type Frame,
  frameReader,
  PREFACE,
  ping,
  Reason,
  type ReasonName,
  Setting,
  settings,
  settingsAck,
  Type,
  windowUpdate,
} from "./frames.js";
import { type Field, hpackDecoder } from "./hpack.js";
import { patiently } from "./patience.js";

/** How a stream ended, or the connection under it. */
export type Reply = {
  /** Each header block in its order: response headers and trailers, or one block for both. */
  readonly blocks: readonly Readonly<Record<string, string>>[];
  /** All DATA together, without padding. */
  readonly body: Buffer;
  /** RST_STREAM's code, where it ended the stream. */
  readonly reset?: ReasonName;
  /** What the connection ended with, where that ended the stream: GOAWAY's code, or `cut` where none came. */
  readonly connection?: ReasonName | "cut";
};

export type RawClient = AsyncDisposable & {
  readonly socket: Socket;
  /** All that came so far. */
  readonly frames: readonly Frame[];
  send(...bytes: readonly Uint8Array[]): void;
  /** The first frame that matches, from the start or yet to come. */
  frame(what: string, matches: (frame: Frame) => boolean): Promise<Frame>;
  reply(stream: number): Promise<Reply>;
  /** Says by SETTINGS how large the server's table may be, and holds it to that once it has acknowledged. */
  limitTable(size: number): Promise<void>;
  /** Waits until the server has read all that was sent: its answer to a PING of ours. */
  settled(): Promise<void>;
  /** How the connection ended, when it has: the last GOAWAY's code, or `cut` without one. */
  readonly closed: Promise<ReasonName | "cut">;
  /** The same, but already when a GOAWAY with an error has come: some servers leave it to us to close. */
  readonly failed: Promise<ReasonName | "cut">;
};

export type RawOptions = {
  /** Bytes to begin with; the preface, and SETTINGS with `initial`, where left out. */
  readonly opening?: Buffer;
  readonly initial?: readonly (readonly [id: number, value: number])[];
  /** Whether the server's SETTINGS are acknowledged and its PINGs answered. */
  readonly polite?: boolean;
  /** Whether what is received is granted again at once. */
  readonly grant?: boolean;
  readonly socket?: Socket;
};

const nameOf = (code: number): ReasonName =>
  (Object.keys(Reason) as ReasonName[]).find((name) => Reason[name] === code) ?? ("NO_ERROR" as never);

const withoutPadding = ({ flags, payload }: Frame) =>
  flags & Flag.PADDED ? payload.subarray(1, payload.length - payload[0]!) : payload;

const describeFrame = ({ type, flags, stream, payload }: Frame) =>
  `${Object.keys(Type)[type] ?? type} flags=${flags} stream=${stream} ${payload.subarray(0, 24).toString("hex")}`;

type StreamState = {
  blocks: Record<string, string>[];
  fragments: Buffer[];
  body: Buffer[];
  ended: boolean;
  reset?: ReasonName;
};

/** A client that sends exactly the bytes it is told to, beside those that `options` leave to it. */
export async function rawClient(port: number, options: RawOptions = {}): Promise<RawClient> {
  const { initial = [], polite = true, grant = true } = options;
  const socket = options.socket ?? connect(port, "127.0.0.1");
  const frames: Frame[] = [];
  const streams = new Map<number, StreamState>();
  const read = frameReader();
  const hpack = hpackDecoder();
  const wakes = new Set<() => void>();
  let last: ReasonName | "cut" = "cut";
  let pings = 0;
  let ended = false;
  let fail: (reason: ReasonName | "cut") => void = () => {};
  const failed = new Promise<ReasonName | "cut">((resolve) => {
    fail = resolve;
  });

  const stateOf = (id: number) => {
    const known = streams.get(id) ?? { blocks: [], fragments: [], body: [], ended: false };
    streams.set(id, known);
    return known;
  };
  const send: RawClient["send"] = (...bytes) => {
    if (socket.writable) socket.write(Buffer.concat(bytes));
  };

  function takeBlock(state: StreamState, { flags, payload }: Frame, skip: number): void {
    state.fragments.push(payload.subarray(skip));
    if (!(flags & Flag.END_HEADERS)) return;
    const fields: readonly Field[] = hpack.decode(Buffer.concat(state.fragments));
    state.fragments = [];
    const block: Record<string, string> = {};
    for (const [name, value] of fields) block[name] = name in block ? `${block[name]},${value}` : value;
    state.blocks.push(block);
  }

  function take(frame: Frame): void {
    const { type, flags, stream, payload } = frame;
    frames.push(frame);
    const acknowledged = (flags & Flag.ACK) !== 0;
    if (type === Type.SETTINGS && !acknowledged && polite) send(settingsAck());
    else if (type === Type.PING && !acknowledged && polite) send(ping(payload, Flag.ACK));
    else if (type === Type.GOAWAY) {
      last = nameOf(payload.readUInt32BE(4));
      if (last !== "NO_ERROR") fail(last);
    } else if (type === Type.RST_STREAM)
      Object.assign(stateOf(stream), { ended: true, reset: nameOf(payload.readUInt32BE(0)) });
    else if (type === Type.DATA) {
      stateOf(stream).body.push(withoutPadding(frame));
      if (grant && payload.length > 0) send(windowUpdate(0, payload.length), windowUpdate(stream, payload.length));
    } else if (type === Type.HEADERS)
      takeBlock(stateOf(stream), { ...frame, payload: withoutPadding(frame) }, flags & Flag.PRIORITY ? 5 : 0);
    else if (type === Type.CONTINUATION) takeBlock(stateOf(stream), frame, 0);
    if ((type === Type.DATA || type === Type.HEADERS) && flags & Flag.END_STREAM) stateOf(stream).ended = true;
  }

  const wake = () => {
    for (const each of wakes) each();
  };
  socket.on("data", (bytes) => {
    for (const frame of read(bytes)) take(frame);
    wake();
  });
  // A reset is one of the ways for a server to be rid of us.
  socket.on("error", () => {});
  const closed = new Promise<ReasonName | "cut">((resolve) => {
    socket.once("close", () => {
      ended = true;
      fail(last);
      resolve(last);
      wake();
    });
  });
  if (!options.socket) await once(socket, "connect");
  send(options.opening ?? Buffer.concat([PREFACE, settings(...initial)]));

  function until<T>(what: string, look: () => T | undefined): Promise<T> {
    const found = new Promise<T>((resolve, reject) => {
      const step = () => {
        const value = look();
        if (value === undefined && !ended) return;
        wakes.delete(step);
        if (value === undefined) reject(new Error(`the connection ended (${last}) before ${what}`));
        else resolve(value);
      };
      wakes.add(step);
      step();
    });
    return patiently(
      found,
      () => `waited in vain for ${what}; came: ${frames.map(describeFrame).slice(-40).join("; ") || "nothing"}`,
    );
  }

  const frame: RawClient["frame"] = (what, matches) => until(what, () => frames.find(matches));
  return {
    socket,
    frames,
    send,
    frame,
    closed,
    failed,
    reply: (stream) =>
      until(`the end of stream ${stream}`, () => {
        const state = stateOf(stream);
        const over = ended || (last !== "cut" && last !== "NO_ERROR");
        if (!state.ended && !over) return undefined;
        const { blocks, reset } = state;
        return {
          blocks,
          body: Buffer.concat(state.body),
          ...(reset && { reset }),
          ...(!state.ended && { connection: last }),
        };
      }),
    limitTable: async (size) => {
      const isAck = ({ type, flags }: Frame) => type === Type.SETTINGS && (flags & Flag.ACK) !== 0;
      const before = frames.filter(isAck).length;
      send(settings([Setting.HEADER_TABLE_SIZE, size]));
      await until("an ACK", () => (frames.filter(isAck).length > before ? true : undefined));
      hpack.allow(size);
    },
    settled: async () => {
      const payload = Buffer.from(`ping${String(++pings).padStart(4, "0")}`);
      send(ping(payload));
      await frame("an answer to our PING", (each) => each.type === Type.PING && each.payload.equals(payload));
    },
    [Symbol.asyncDispose]: async () => {
      socket.destroy();
      await closed;
    },
  };
}
