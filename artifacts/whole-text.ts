import { invalidArgument, resourceExhausted } from "../core/index.js";

/** Longer than any config, and any manifest. */
const most = 8 * 2 ** 20;

/**
 * All the bytes of a small file.
 * @param what for people, its place
 * @throws ServingError RESOURCE_EXHAUSTED above 8 MiB; whatever `bytes` throws
 */
export async function wholeBytes(bytes: AsyncIterable<Uint8Array>, what: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > most) throw resourceExhausted(`${what} is longer than ${most} bytes: that is no config and no manifest`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** @throws ServingError INVALID_ARGUMENT for what is not UTF-8 */
export function textOf(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw invalidArgument(`${what} is not UTF-8: save it as such`, error);
  }
}

/** @throws ServingError as `wholeBytes` and `textOf` */
export async function wholeText(bytes: AsyncIterable<Uint8Array>, what: string): Promise<string> {
  return textOf(await wholeBytes(bytes, what), what);
}
