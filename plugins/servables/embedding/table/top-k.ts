/** Rows with their scores, best first; ties go to the lower row. */
export type Ranked = { readonly rows: Int32Array; readonly scores: Float64Array };

/** Keeps the `k` best of what it is offered. */
export interface TopK {
  /** What is not better than this is not kept. */
  readonly bar: number;
  offer(row: number, score: number): void;
  ranked(): Ranked;
}

/** A heap with the worst on top. NaN counts as the worst there is. */
export function createTopK(k: number): TopK {
  const rows = new Int32Array(k);
  const scores = new Float64Array(k);
  let size = 0;
  const worse = (a: number, b: number) => scores[a]! < scores[b]! || (scores[a] === scores[b] && rows[a]! > rows[b]!);
  const swap = (a: number, b: number) => {
    [rows[a], rows[b]] = [rows[b]!, rows[a]!];
    [scores[a], scores[b]] = [scores[b]!, scores[a]!];
  };
  const rise = () => {
    for (let at = size - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!worse(at, parent)) return;
      swap(at, parent);
      at = parent;
    }
  };
  const sink = () => {
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      if (left >= size) return;
      const child = left + 1 < size && worse(left + 1, left) ? left + 1 : left;
      if (!worse(child, at)) return;
      swap(child, at);
      at = child;
    }
  };
  const top: TopK & { bar: number } = {
    bar: Number.NEGATIVE_INFINITY,
    offer: (row, offered) => {
      const score = Number.isNaN(offered) ? Number.NEGATIVE_INFINITY : offered;
      if (size < k) {
        rows[size] = row;
        scores[size++] = score;
        rise();
      } else if (score > scores[0]! || (score === scores[0] && row < rows[0]!)) {
        rows[0] = row;
        scores[0] = score;
        sink();
      }
      if (size === k) top.bar = scores[0]!;
    },
    ranked: () => {
      const order = Array.from({ length: size }, (_, i) => i).sort((a, b) => (worse(a, b) ? 1 : -1));
      return { rows: Int32Array.from(order, (i) => rows[i]!), scores: Float64Array.from(order, (i) => scores[i]!) };
    },
  };
  return top;
}

/** The best of several parts of a table, each ranked. */
export function mergeRanked(parts: readonly Ranked[], k: number): Ranked {
  const top = createTopK(
    Math.min(
      k,
      parts.reduce((sum, { rows }) => sum + rows.length, 0),
    ),
  );
  for (const { rows, scores } of parts) for (const [i, row] of rows.entries()) top.offer(row, scores[i]!);
  return top.ranked();
}
