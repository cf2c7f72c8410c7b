/** HPACK's Huffman code, RFC 7541 appendix B: it is canonical, so the lengths of its codes say all. */

/** Bits of the code of each byte, 0 to 255, and last of the end of the string. Runs are written as `length*count`. */
const LENGTHS = `
  13 23 28*7 24 30 28*2 30 28*8 30 28*9
  6 10*2 12 13 6 8 11 10*2 8 11 8 6*3 5*3 6*7 7 8 15 6 12 10
  13 6 7*22 8 7 8 13 19 13 14 6
  15 5 6 5 6 5 6*3 5 7*2 6*3 5 6 7 6 5*2 6 7*5 15 11 14 13 28
  20 22 20*2 22*3 23 22 23*5 24 23 24*2 22 23 24 23*4 21 22 23 22 23*2 24
  22 21 20 22*2 23*2 21 23 22*2 24 21 22 23*2 21*2 22 21 23 22 23*2 20 22*3 23 22*2 23
  26*2 20 19 22 23 22 25 26*3 27*2 26 24 25 19 21 26 27*2 26 27 24 21*2 26*2 28 27*3
  20 24 20 21 22 21*2 23 22*2 25*2 24*2 26 23 26 27 26*2 27*5 28 27*5 26 30`;

const lengths = LENGTHS.trim()
  .split(/\s+/)
  .flatMap((run) => {
    const [length, count = 1] = run.split("*").map(Number);
    return Array.from({ length: count }, () => length!);
  });

/** Codes of equal length follow each other in the order of their symbols, shorter ones come first. */
const codes: readonly string[] = (() => {
  const bySize = lengths
    .map((length, symbol) => ({ length, symbol }))
    .sort((a, b) => a.length - b.length || a.symbol - b.symbol);
  const found: string[] = [];
  let next = 0n;
  let size = 0;
  for (const { length, symbol } of bySize) {
    next <<= BigInt(length - size);
    size = length;
    found[symbol] = next.toString(2).padStart(length, "0");
    next++;
  }
  return found;
})();

export const END_OF_STRING = codes[256]!;

/** Bytes of a string of bits, the last one filled up by `fill`. */
export function packBits(bits: string, fill: "0" | "1" = "1"): Buffer {
  const whole = bits.padEnd(Math.ceil(bits.length / 8) * 8, fill);
  return Buffer.from(
    Array.from({ length: whole.length / 8 }, (_, i) => Number.parseInt(whole.slice(8 * i, 8 * i + 8), 2)),
  );
}

/** The code of each byte in a row, as a string of bits. */
export const huffmanBits = (text: Uint8Array): string => Array.from(text, (byte) => codes[byte]).join("");

export const huffmanEncode = (text: Uint8Array): Buffer => packBits(huffmanBits(text));

const symbols = new Map(codes.map((code, symbol) => [code, symbol]));

export function huffmanDecode(bytes: Uint8Array): Buffer {
  const found: number[] = [];
  let code = "";
  for (const bit of Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("")) {
    code += bit;
    const symbol = symbols.get(code);
    if (symbol === undefined) continue;
    found.push(symbol);
    code = "";
  }
  if (code.length > 7 || code.includes("0")) throw new Error(`HPACK: a Huffman string ends in ${code}`);
  return Buffer.from(found);
}
