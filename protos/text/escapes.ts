import type { Fail } from "./text-error.js";

const simple: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  "?": 63,
  "\\": 92,
  "'": 39,
  '"': 34,
};
const numeric = /\\(?:[xX]([0-9A-Fa-f]{1,2})|([0-7]{1,3})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))/y;
const utf8 = new TextEncoder();

/** The bytes that a literal's body stands for; `fail` is given offsets in `body`. */
export function unescaped(body: string, fail: Fail): Uint8Array {
  if (!body.includes("\\")) return utf8.encode(body);
  const parts: Uint8Array[] = [];
  let from = 0;
  for (let at = body.indexOf("\\"); at >= 0; at = body.indexOf("\\", from)) {
    parts.push(utf8.encode(body.slice(from, at)));
    const one = simple[body.charAt(at + 1)];
    if (one !== undefined) {
      parts.push(Uint8Array.of(one));
      from = at + 2;
      continue;
    }
    numeric.lastIndex = at;
    const [all, hex, octal, short, long] = numeric.exec(body) ?? [];
    if (all === undefined) return fail(at, `unknown escape ${body.slice(at, at + 2)}`);
    const point = short ?? long;
    if (point !== undefined) parts.push(codePoint(Number.parseInt(point, 16), at, all, fail));
    else
      parts.push(byte(hex === undefined ? Number.parseInt(octal ?? "", 8) : Number.parseInt(hex, 16), at, all, fail));
    from = at + all.length;
  }
  parts.push(utf8.encode(body.slice(from)));
  return new Uint8Array(Buffer.concat(parts));
}

function byte(value: number, at: number, text: string, fail: Fail): Uint8Array {
  return value > 255 ? fail(at, `${text} is more than a byte holds`) : Uint8Array.of(value);
}

function codePoint(value: number, at: number, text: string, fail: Fail): Uint8Array {
  const surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value > 0x10ffff || surrogate) return fail(at, `${text} is no character`);
  return utf8.encode(String.fromCodePoint(value));
}
