import type { Tokenizer } from "@huggingface/tokenizers";
import type { Encoded } from "./encode.js";
import type { Range } from "./follow.js";
import type { Settings } from "./settings.js";

/** The special tokens that a tokenizer puts around a text. */
export type Frame = {
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** Type ids of what stands before, of the text, and of what stands after; absent where the tokenizer makes none. */
  readonly types?: { readonly before: readonly number[]; readonly text: number; readonly after: readonly number[] };
};

const PROBE = "\u0000text";

/** Seen from what becomes of a text of one token. @throws Error when its template has another form */
export function frameOf(tokenizer: Tokenizer, special: boolean): Frame {
  if (!tokenizer.post_processor) return { before: [], after: [] };
  const { tokens, token_type_ids: types } = tokenizer.post_processor([PROBE], null, special);
  const at = tokens.indexOf(PROBE);
  if (at < 0 || tokens.lastIndexOf(PROBE) !== at) throw new Error("its template does not have the text once");
  const ids = (some: readonly string[]) =>
    some.map((token) => {
      const id = tokenizer.token_to_id(token);
      if (id === undefined) throw new Error(`its template has the token ${JSON.stringify(token)}, which has no id`);
      return id;
    });
  return {
    before: ids(tokens.slice(0, at)),
    after: ids(tokens.slice(at + 1)),
    ...(types ? { types: { before: types.slice(0, at), text: types[at]!, after: types.slice(at + 1) } } : {}),
  };
}

/** Rows of one length, one after the other. */
export type Rows = {
  readonly length: number;
  readonly ids: BigInt64Array<ArrayBuffer>;
  readonly mask: BigInt64Array<ArrayBuffer>;
  readonly types: BigInt64Array<ArrayBuffer>;
  /** In characters, Unicode's code points, of the text. */
  readonly offsets: BigInt64Array<ArrayBuffer>;
};

/** From units of UTF-16 to code points, for ranges that mostly rise. */
function characterCounter(text: string): (unit: number) => number {
  if (!/[\ud800-\udbff]/.test(text)) return (unit) => unit;
  const counts = new Uint32Array(text.length + 1);
  for (let i = 0; i < text.length; i++) {
    const low = text.charCodeAt(i) >>> 10 === 0x37 && i > 0 && text.charCodeAt(i - 1) >>> 10 === 0x36;
    counts[i + 1] = counts[i]! + (low ? 0 : 1);
  }
  return (unit) => counts[unit]!;
}

function cutTo<T>(items: readonly T[], most: number, side: Settings["cut"]): readonly T[] {
  if (items.length <= most) return items;
  return side === "Right" ? items.slice(0, most) : items.slice(items.length - most);
}

/** Cut, framed and filled up. */
export function rowsOf(texts: readonly string[], encoded: readonly Encoded[], frame: Frame, settings: Settings): Rows {
  const { maxLength, cut, least, multiple, pad } = settings;
  const around = frame.before.length + frame.after.length;
  const room = Math.max(maxLength - around, 0);
  const longest = encoded.reduce((most, { ids }) => Math.max(most, Math.min(ids.length, room) + around), least);
  const length = Math.ceil(longest / multiple) * multiple;
  const make = (width: number, value = 0) => new BigInt64Array(texts.length * length * width).fill(BigInt(value));
  const rows = { length, ids: make(1, pad.id), mask: make(1), types: make(1, pad.typeId), offsets: make(2) };
  const { before, after, types } = frame;

  for (const [row, one] of encoded.entries()) {
    const ids = cutTo(one.ids, room, cut);
    const offsets: readonly Range[] = cutTo(one.offsets, room, cut);
    const count = characterCounter(texts[row]!);
    const all = [...before, ...ids, ...after];
    const start = row * length + (pad.side === "Left" ? length - all.length : 0);
    for (const [i, id] of all.entries()) {
      const at = start + i;
      const place = i - before.length;
      rows.ids[at] = BigInt(id);
      rows.mask[at] = 1n;
      const type = place < 0 ? types?.before[i] : place < ids.length ? types?.text : types?.after[place - ids.length];
      rows.types[at] = BigInt(type ?? 0);
      const [from, to] = offsets[place] ?? [0, 0];
      rows.offsets[2 * at] = BigInt(count(from));
      rows.offsets[2 * at + 1] = BigInt(count(to));
    }
  }
  return rows;
}
