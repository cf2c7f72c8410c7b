import { type Complain, type Entries, growing } from "./entries.js";
import { readId } from "./id.js";
import { createJsonScanner } from "./json-scanner.js";
import { markLength } from "./text.js";

/** `["a", "b"]`, whose ids are the places, or `{"a": 0, "b": 1}`. @throws what `complain` makes of anything else */
export function readJson(bytes: Uint8Array<ArrayBuffer>, complain: Complain): Entries {
  const scanner = createJsonScanner(bytes, markLength(bytes), complain);
  const offsets = growing<Uint32Array<ArrayBuffer>>(Uint32Array);
  const lines = growing<Uint32Array<ArrayBuffer>>(Uint32Array);
  const ids = growing<Float64Array<ArrayBuffer>>(Float64Array);
  const opening = scanner.peek();
  if (opening !== "[" && opening !== "{") {
    throw complain(scanner.line, "expected a JSON list of tokens, or an object from tokens to ids");
  }
  const withIds = opening === "{";
  const closing = withIds ? "}" : "]";
  scanner.expect(opening);
  offsets.push(0);
  const readEntry = () => {
    scanner.expect('"');
    lines.push(scanner.line);
    to = scanner.string(to);
    offsets.push(to);
    if (!withIds) return;
    scanner.expect(":");
    const [from, end] = scanner.word();
    ids.push(readId(bytes, from, end, scanner.line, complain));
  };
  let to = 0;
  if (scanner.peek() !== closing) {
    readEntry();
    while (scanner.peek() === ",") {
      scanner.expect(",");
      readEntry();
    }
  }
  scanner.expect(closing);
  scanner.expect("");
  const lineOf = lines.done();
  return {
    bytes,
    offsets: offsets.done(),
    ...(withIds ? { ids: ids.done() } : {}),
    lineOf: (index) => lineOf[index]!,
  };
}
