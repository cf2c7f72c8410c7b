import { ConnectionError, ErrorCode } from "./error-code.js";
import { Flag } from "./frames/layout.js";
import { windowUpdate } from "./frames/writer.js";
import type { Limits } from "./limits.js";
import type { Outbox } from "./outbox.js";
import type { Requests } from "./requests.js";
import type { Stream } from "./stream.js";
import { increment } from "./windows.js";

export type IncomingDataParts = {
  readonly outbox: Outbox;
  readonly limits: Limits;
  readonly requests: Requests;
  /** The client broke a rule that concerns this stream alone. */
  readonly refuse: (stream: Stream, code: ErrorCode) => void;
};

/** DATA frames within the windows that the client was given, which are filled again as their bytes are read. */
export function createIncomingData({ outbox, limits, requests, refuse }: IncomingDataParts) {
  let window = limits.connectionWindow;
  /** Of the frame that has begun; absent where nobody wants its bytes. */
  let stream: Stream | undefined;
  let last = false;

  return {
    /** @param to the stream, where it is there; the windows count in any case. @throws ConnectionError */
    begins: (to: Stream | undefined, flags: number, length: number): void => {
      window -= length;
      if (window < 0) throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "DATA beyond the connection's window");
      const more = increment(window, limits.connectionWindow);
      if (more > 0) {
        window += more;
        outbox.write(windowUpdate(0, more));
      }
      stream = undefined;
      if (to === undefined) return;
      to.receiveWindow -= length;
      if (to.halfClosed) refuse(to, ErrorCode.STREAM_CLOSED);
      else if (to.receiveWindow < 0) refuse(to, ErrorCode.FLOW_CONTROL_ERROR);
      else {
        stream = to;
        last = (flags & Flag.END_STREAM) !== 0;
      }
    },
    data: (bytes: Buffer, start: number, end: number): void => {
      if (stream !== undefined) requests.data(stream, bytes, start, end);
    },
    ends: (): void => {
      if (stream === undefined || stream.closed) return;
      if (last) {
        requests.halfClose(stream);
        return;
      }
      const more = increment(stream.receiveWindow, limits.streamWindow);
      if (more === 0) return;
      stream.receiveWindow += more;
      outbox.write(windowUpdate(stream.id, more));
    },
  };
}
