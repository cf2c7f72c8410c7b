/** Bytes before a frame's payload: its length (3), type, flags and stream (4). RFC 9113, section 4.1. */
export const HEADER = 9;

/** The longest payload that anybody must take, and that nobody may refuse. */
export const SMALLEST_MAX_FRAME = 16_384;

export const Type = {
  DATA: 0x0,
  HEADERS: 0x1,
  PRIORITY: 0x2,
  RST_STREAM: 0x3,
  SETTINGS: 0x4,
  PUSH_PROMISE: 0x5,
  PING: 0x6,
  GOAWAY: 0x7,
  WINDOW_UPDATE: 0x8,
  CONTINUATION: 0x9,
} as const;

export const Flag = { ACK: 0x1, END_STREAM: 0x1, END_HEADERS: 0x4, PADDED: 0x8, PRIORITY: 0x20 } as const;
