import { frameSizeError, protocolError } from "./error-code.js";
import { Flag, Type } from "./frames/layout.js";
import type { HeaderBlocks } from "./header-block.js";

const lengths: Readonly<Record<number, number>> = {
  [Type.PRIORITY]: 5,
  [Type.RST_STREAM]: 4,
  [Type.PING]: 8,
  [Type.WINDOW_UPDATE]: 4,
};
const SHORTEST_GOAWAY = 8;

const ofStream = (type: number) => type <= Type.RST_STREAM || type === Type.CONTINUATION;
const ofConnection = (type: number) => type === Type.SETTINGS || type === Type.PING || type === Type.GOAWAY;

/** What holds of every frame of a client, whatever is in it: its place, its stream and its length. RFC 9113, section 6. */
export function createFrameRules(blocks: Pick<HeaderBlocks, "open">) {
  let greeted = false;

  /** @throws ConnectionError */
  return (type: number, flags: number, stream: number, length: number): void => {
    if (!greeted) {
      if (type !== Type.SETTINGS || (flags & Flag.ACK) !== 0) throw protocolError("a preface without SETTINGS");
      greeted = true;
    }
    if (blocks.open !== 0 && type !== Type.CONTINUATION) throw protocolError("a header block that does not go on");
    if (stream === 0 ? ofStream(type) : ofConnection(type)) {
      throw protocolError(`a frame of type ${type} for stream ${stream}`);
    }
    const wanted = lengths[type];
    if ((wanted !== undefined && length !== wanted) || (type === Type.GOAWAY && length < SHORTEST_GOAWAY)) {
      throw frameSizeError(`a frame of type ${type} with ${length} bytes`);
    }
  };
}
