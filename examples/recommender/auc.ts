/** The chance that a click has a higher score than what was not clicked: the area under the ROC curve. Ties count half. */
export function auc(clicked: readonly boolean[], scores: readonly number[]): number {
  const order = scores.map((_, at) => at).sort((a, b) => scores[a]! - scores[b]!);
  let [positives, ranks] = [0, 0];
  for (let at = 0; at < order.length; ) {
    let end = at;
    while (end < order.length && scores[order[end]!] === scores[order[at]!]) end++;
    const rank = (at + 1 + end) / 2;
    for (; at < end; at++) {
      if (!clicked[order[at]!]) continue;
      positives++;
      ranks += rank;
    }
  }
  return (ranks - (positives * (positives + 1)) / 2) / (positives * (scores.length - positives));
}
