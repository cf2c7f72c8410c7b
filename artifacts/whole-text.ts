import { invalidArgument, resourceExhausted } from "../core/index.js";

/** Longer than any config. */
const most = 8 * 2 ** 20;

/**
 * A remote text of UTF-8, to its end.
 * @param what for people, the text's place
 * @throws ServingError RESOURCE_EXHAUSTED above 8 MiB, INVALID_ARGUMENT for what is no text; whatever `bytes` throws
 */
export async function wholeText(bytes: AsyncIterable<Uint8Array>, what: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > most) throw resourceExhausted(`${what} is longer than ${most} bytes: that is no config`);
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch (error) {
    throw invalidArgument(`${what} is not UTF-8: save it as such`, error);
  }
}
