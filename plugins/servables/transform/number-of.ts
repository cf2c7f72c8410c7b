const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const WORDS: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  "+inf": Number.POSITIVE_INFINITY,
  "-inf": Number.NEGATIVE_INFINITY,
};

const [PLUS, NINE] = [0x2b, 0x39];

/** A number in decimal digits, with or without whitespace around; NaN for nothing; undefined for what is none. */
export function numberOf(text: string): number | undefined {
  // What begins with a digit, a sign or a point and goes on with one is a number if JavaScript says so: no 0x10, no Infinity.
  const [first, second] = [text.charCodeAt(0), text.charCodeAt(1)];
  if (first <= NINE && first >= PLUS && (second <= NINE || text.length === 1)) {
    const number = Number(text);
    if (!Number.isNaN(number)) return number;
  }
  const bare = text.trim();
  if (bare === "") return Number.NaN;
  return DECIMAL.test(bare) ? Number(bare) : WORDS[bare.toLowerCase()];
}
