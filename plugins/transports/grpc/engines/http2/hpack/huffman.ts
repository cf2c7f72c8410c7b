import { compressionError } from "./compression-error.js";
import { END, huffmanCode } from "./huffman-code.js";

/**
 * The code's tree as a machine that takes four bits a step; every code is longer, so a step has one symbol at most.
 * A step is `next << 16 | flags | symbol`.
 */
const EMITS = 0x200;
const FAILS = 0x400;
const SYMBOL = 0x1ff;

type Machine = {
  readonly steps: Int32Array;
  /** Whether a string may end in a state: what came since the last symbol is the beginning of END, up to 7 bits. */
  readonly accepts: Uint8Array;
};

function build(): Machine {
  // A node's two ways: another node, or -1 - symbol.
  const tree: [number, number][] = [[0, 0]];
  for (const { symbol, bits, length } of huffmanCode) {
    let node = 0;
    for (let bit = length - 1; bit > 0; bit--) {
      const way = (bits >>> bit) & 1;
      if (tree[node]![way] === 0) tree[node]![way] = tree.push([0, 0]) - 1;
      node = tree[node]![way]!;
    }
    tree[node]![bits & 1] = -1 - symbol;
  }
  const steps = new Int32Array(tree.length * 16);
  for (let node = 0; node < tree.length; node++) {
    for (let nibble = 0; nibble < 16; nibble++) {
      let at = node;
      let flags = 0;
      for (let bit = 3; bit >= 0; bit--) {
        const next = tree[at]![(nibble >>> bit) & 1]!;
        if (next >= 0) at = next;
        else {
          const symbol = -1 - next;
          flags = symbol === END ? FAILS : EMITS | symbol;
          at = 0;
        }
      }
      steps[node * 16 + nibble] = (at << 16) | flags;
    }
  }
  const accepts = new Uint8Array(tree.length);
  for (let node = 0, depth = 0; depth < 8; depth++) {
    accepts[node] = 1;
    node = tree[node]![1];
  }
  return { steps, accepts };
}

const { steps, accepts } = build();

let scratch = Buffer.allocUnsafeSlow(1024);

/** @throws ConnectionError for padding that is none, and for the code of the end within a string */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number): string {
  // The shortest code has five bits.
  const most = Math.ceil(((end - start) * 8) / 5);
  if (scratch.length < most) scratch = Buffer.allocUnsafeSlow(most);
  let state = 0;
  let length = 0;
  for (let pos = start; pos < end; pos++) {
    const byte = bytes[pos]!;
    const high = steps[state * 16 + (byte >>> 4)]!;
    if ((high & EMITS) !== 0) scratch[length++] = high & SYMBOL;
    const low = steps[(high >>> 16) * 16 + (byte & 15)]!;
    if ((low & EMITS) !== 0) scratch[length++] = low & SYMBOL;
    if (((high | low) & FAILS) !== 0) throw compressionError("a Huffman string with the code of its end inside");
    state = low >>> 16;
  }
  if (accepts[state] === 0) throw compressionError("a Huffman string that ends amid a code");
  return scratch.toString("latin1", 0, length);
}

/** Bytes that `text`, of Latin-1, takes. */
export function huffmanSize(text: string): number {
  let bits = 0;
  for (let i = 0; i < text.length; i++) bits += huffmanCode[text.charCodeAt(i) & 0xff]!.length;
  return Math.ceil(bits / 8);
}

/** Writes `text`, of Latin-1, at `at`. Returns where it ends. */
export function encodeHuffman(text: string, into: Uint8Array, at: number): number {
  let pos = at;
  let pending = 0;
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const { bits, length } = huffmanCode[text.charCodeAt(i) & 0xff]!;
    // At most 7 bits are pending and a code has up to 30: more than bitwise operators hold.
    pending = pending * 2 ** length + bits;
    count += length;
    while (count >= 8) {
      count -= 8;
      const unit = 2 ** count;
      const byte = Math.floor(pending / unit);
      into[pos++] = byte;
      pending -= byte * unit;
    }
  }
  if (count > 0) into[pos++] = (pending << (8 - count)) | (0xff >>> count);
  return pos;
}
