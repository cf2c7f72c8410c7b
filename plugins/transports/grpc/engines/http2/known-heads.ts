import type { Head } from "./head.js";
import type { HpackDecoder } from "./hpack/decoder.js";

/** Heads that are remembered: a client has a few methods that it calls again and again. */
const KEPT = 8;
/** Blocks of repeated calls are short: each field is an index. */
const LONGEST = 64;

type Known = { readonly block: Buffer; readonly revision: number; readonly head: Head };

function same(known: Buffer, block: Buffer, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== block[start + i]) return false;
  return true;
}

/**
 * Reads header blocks by `read`, but those that came before and mean the same still: nothing in them changes the
 * decoder's table, and nothing has changed it since.
 */
export function rememberHeads(
  decoder: Pick<HpackDecoder, "revision">,
  read: (block: Buffer, start: number, end: number) => Head,
): (block: Buffer, start: number, end: number) => Head {
  let known: Known[] = [];
  return (block, start, end) => {
    const { revision } = decoder;
    for (const each of known) {
      if (each.revision === revision && same(each.block, block, start, end)) return each.head;
    }
    const head = read(block, start, end);
    if (decoder.revision === revision && end - start <= LONGEST) {
      known = known.filter((each) => each.revision === revision).slice(1 - KEPT);
      known.push({ block: Buffer.from(block.subarray(start, end)), revision, head });
    }
    return head;
  };
}
