import type { TokenizerFile } from "./file.js";

export type AddedToken = TokenizerFile["added_tokens"][number];
/** A part of a text: an added token, or what stands between. */
export type Section = { readonly from: number; readonly to: number; readonly token?: AddedToken };

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** Cuts texts at added tokens, of those that begin at one place at the longest; spaces go to the tokens that take them. */
export function splitterOf(tokens: ReadonlyMap<string, AddedToken>): (text: string) => readonly Section[] {
  const contents = [...tokens.keys()].filter((content) => content !== "").sort((a, b) => b.length - a.length);
  if (contents.length === 0) return (text) => (text === "" ? [] : [{ from: 0, to: text.length }]);
  const pattern = new RegExp(contents.map(escaped).join("|"), "g");
  return (text) => {
    const sections: Section[] = [];
    let at = 0;
    for (const { 0: found, index } of text.matchAll(pattern)) {
      const token = tokens.get(found)!;
      const before = text.slice(at, index);
      const from = token.lstrip ? at + before.trimEnd().length : index;
      if (from > at) sections.push({ from: at, to: from });
      const end = index + found.length;
      const to = token.rstrip ? text.length - text.slice(end).trimStart().length : end;
      sections.push({ from: Math.min(from, index), to, token });
      at = to;
    }
    if (at < text.length) sections.push({ from: at, to: text.length });
    return sections;
  };
}
