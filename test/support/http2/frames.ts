/** HTTP/2 frames made and read byte by byte, after RFC 9113; it shares nothing with the server under test. */

export const Type = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

export const Flag = { END_STREAM: 1, ACK: 1, END_HEADERS: 4, PADDED: 8, PRIORITY: 32 } as const;

export const Setting = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
} as const;

export const Reason = {
  NO_ERROR: 0,
  PROTOCOL_ERROR: 1,
  INTERNAL_ERROR: 2,
  FLOW_CONTROL_ERROR: 3,
  SETTINGS_TIMEOUT: 4,
  STREAM_CLOSED: 5,
  FRAME_SIZE_ERROR: 6,
  REFUSED_STREAM: 7,
  CANCEL: 8,
  COMPRESSION_ERROR: 9,
  CONNECT_ERROR: 10,
  ENHANCE_YOUR_CALM: 11,
} as const;

export type ReasonName = keyof typeof Reason;

export const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
export const MAX_WINDOW = 2 ** 31 - 1;

export type Frame = {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
};

export const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};

/** `length` lies about the payload's size where it is given. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Buffer = Buffer.alloc(0),
  length = payload.length,
) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream >>> 0, 5);
  return Buffer.concat([head, payload]);
}

export const data = (stream: number, payload: Uint8Array, flags = 0) =>
  frame(Type.DATA, flags, stream, Buffer.from(payload));

/** `block` is whole unless `flags` leaves END_HEADERS out. */
export const headers = (stream: number, block: Buffer, flags: number = Flag.END_HEADERS) =>
  frame(Type.HEADERS, flags, stream, block);

export const continuation = (stream: number, block: Buffer, flags = 0) =>
  frame(Type.CONTINUATION, flags, stream, block);

export const settings = (...entries: readonly (readonly [id: number, value: number])[]) =>
  frame(
    Type.SETTINGS,
    0,
    0,
    Buffer.concat(entries.map(([id, value]) => Buffer.concat([Buffer.of(id >> 8, id & 255), uint32(value)]))),
  );

export const settingsAck = () => frame(Type.SETTINGS, Flag.ACK, 0);
export const ping = (payload: Buffer, flags = 0) => frame(Type.PING, flags, 0, payload);
export const rstStream = (stream: number, reason: number = Reason.CANCEL) =>
  frame(Type.RST_STREAM, 0, stream, uint32(reason));
export const windowUpdate = (stream: number, increment: number) =>
  frame(Type.WINDOW_UPDATE, 0, stream, uint32(increment));
export const goAway = (last: number, reason: number = Reason.NO_ERROR) =>
  frame(Type.GOAWAY, 0, 0, Buffer.concat([uint32(last), uint32(reason)]));
export const priority = (stream: number, dependsOn: number, weight = 15) =>
  frame(Type.PRIORITY, 0, stream, Buffer.concat([uint32(dependsOn), Buffer.of(weight)]));

/** The payload of a PADDED frame: its length byte, what it carries, and as many zeros. */
export const padded = (payload: Uint8Array, padding: number) =>
  Buffer.concat([Buffer.of(padding), payload, Buffer.alloc(padding)]);

/** Takes bytes as they come, gives each frame as soon as it is whole. */
export function frameReader(): (bytes: Buffer) => readonly Frame[] {
  let rest: Buffer = Buffer.alloc(0);
  return (bytes) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    const found: Frame[] = [];
    while (rest.length >= 9) {
      const end = 9 + rest.readUIntBE(0, 3);
      if (rest.length < end) break;
      const stream = rest.readUInt32BE(5) & 0x7fffffff;
      found.push({ type: rest.readUInt8(3), flags: rest.readUInt8(4), stream, payload: rest.subarray(9, end) });
      rest = rest.subarray(end);
    }
    return found;
  };
}
