import { ConnectionError, ErrorCode, frameSizeError, protocolError } from "./error-code.js";
import { SMALLEST_MAX_FRAME } from "./frames/layout.js";
import type { Limits } from "./limits.js";
import { LARGEST_WINDOW } from "./windows.js";

/** RFC 9113, section 6.5.2. */
const Setting = {
  HEADER_TABLE_SIZE: 0x1,
  ENABLE_PUSH: 0x2,
  MAX_CONCURRENT_STREAMS: 0x3,
  INITIAL_WINDOW_SIZE: 0x4,
  MAX_FRAME_SIZE: 0x5,
  MAX_HEADER_LIST_SIZE: 0x6,
} as const;

const LARGEST_MAX_FRAME = 2 ** 24 - 1;
const ENTRY = 6;

/** What the client has asked for; the start are the protocol's defaults. */
export type PeerSettings = { headerTable: number; initialWindow: number; maxFrame: number };

export const defaultSettings = (): PeerSettings => ({
  headerTable: 4096,
  initialWindow: 65_535,
  maxFrame: SMALLEST_MAX_FRAME,
});

function apply(settings: PeerSettings, id: number, value: number): void {
  switch (id) {
    case Setting.HEADER_TABLE_SIZE:
      settings.headerTable = value;
      break;
    case Setting.ENABLE_PUSH:
      if (value > 1) throw protocolError(`SETTINGS_ENABLE_PUSH is 0 or 1, not ${value}`);
      break;
    case Setting.INITIAL_WINDOW_SIZE:
      if (value > LARGEST_WINDOW) {
        throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, `an initial window of ${value} bytes is too large`);
      }
      settings.initialWindow = value;
      break;
    case Setting.MAX_FRAME_SIZE:
      if (value < SMALLEST_MAX_FRAME || value > LARGEST_MAX_FRAME) {
        throw protocolError(`SETTINGS_MAX_FRAME_SIZE cannot be ${value}`);
      }
      settings.maxFrame = value;
  }
}

/** Applies a SETTINGS frame's payload in its order; what is not known is left aside. @throws ConnectionError */
export function readSettings(settings: PeerSettings, bytes: Buffer, start: number, end: number): void {
  if ((end - start) % ENTRY !== 0) throw frameSizeError("a SETTINGS frame whose length is no multiple of 6");
  for (let pos = start; pos < end; pos += ENTRY) {
    apply(settings, bytes.readUInt16BE(pos), bytes.readUInt32BE(pos + 2));
  }
}

/** The payload of the SETTINGS that tell a client the limits. */
export function ownSettings({ streams, streamWindow, headerList }: Limits): Buffer {
  const entries: readonly (readonly [id: number, value: number])[] = [
    [Setting.MAX_CONCURRENT_STREAMS, streams],
    [Setting.INITIAL_WINDOW_SIZE, streamWindow],
    [Setting.MAX_HEADER_LIST_SIZE, headerList],
  ];
  const limited = entries.filter(([, value]) => Number.isFinite(value));
  const bytes = Buffer.allocUnsafe(limited.length * ENTRY);
  for (const [i, [id, value]] of limited.entries()) {
    bytes.writeUInt16BE(id, i * ENTRY);
    bytes.writeUInt32BE(value, i * ENTRY + 2);
  }
  return bytes;
}
