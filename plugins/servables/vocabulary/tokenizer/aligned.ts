/** A text that was made of another one, and of which part of it each UTF-16 unit came. */
export type Aligned = {
  readonly text: string;
  /** Where the part begins; absent where units came of themselves. */
  readonly from?: ArrayLike<number>;
  readonly to?: ArrayLike<number>;
};

export const startOf = ({ from }: Aligned, at: number): number => from?.[at] ?? at;
export const endOf = ({ to }: Aligned, at: number): number => to?.[at] ?? at + 1;

/** How `next`, made of `before.text`, came of what `before` came of. */
export function composed(before: Aligned, next: Aligned): Aligned {
  if (!before.from) return next;
  if (!next.from || !next.to) return { ...before, text: next.text };
  const { from, to } = next;
  return {
    text: next.text,
    from: Array.from(from, (at) => startOf(before, at)),
    to: Array.from(to, (end) => (end === 0 ? startOf(before, 0) : endOf(before, end - 1))),
  };
}

/** Pieces of a text in their order, each with what became of it. */
export function assembled(pieces: Iterable<readonly [from: number, to: number, made: string]>): Aligned {
  const [starts, ends]: [number[], number[]] = [[], []];
  let text = "";
  for (const [from, to, made] of pieces) {
    for (let i = 0; i < made.length; i++) {
      starts.push(from);
      ends.push(to);
    }
    text += made;
  }
  return { text, from: starts, to: ends };
}
