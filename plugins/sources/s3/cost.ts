const month = 30 * 24 * 3_600_000;
/** What AWS takes for 1000 requests in its cheapest regions, in US dollars, as of 2025; a scale and no more. */
const perThousand = { LIST: 0.005, GET: 0.0004 };

export type Habits = {
  readonly verb: keyof typeof perThousand;
  /** Milliseconds between two looks. */
  readonly poll: number;
  /** Requests of one look when nothing is new. */
  readonly perLook: number;
  /** Milliseconds between two listings of versions that are known. */
  readonly recheck: number;
  /** Requests that it takes to list all of these. */
  readonly perRecheck: number;
};

/** Requests in a month of 30 days in which nothing changes. */
export function monthlyRequests({ poll, perLook, recheck, perRecheck }: Habits): number {
  if (poll === 0) return 0;
  // Versions are listed by looks, so no more often than these.
  return Math.round((month / poll) * perLook + (month / Math.max(poll, recheck || poll)) * perRecheck);
}

/** @param atAws what servers of one's own take, nobody knows here */
export function inWords(habits: Habits, atAws: boolean): string {
  const requests = monthlyRequests(habits);
  if (requests === 0) return "no requests after the start";
  const dollars = (requests / 1000) * perThousand[habits.verb];
  const rounded = Number(requests.toPrecision(2));
  const price = atAws ? `, ${dollars.toFixed(2)} USD where AWS is cheapest` : "";
  return `about ${rounded} ${habits.verb} requests a month${price}; a longer poll takes fewer`;
}
