export type Figures = {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
};

/** So many requests by callers who each ask one after the other; `ask` gets the number of the request, from 0. */
export async function measure(
  ask: (at: number) => Promise<unknown>,
  { requests, callers }: { readonly requests: number; readonly callers: number },
): Promise<Figures> {
  const latencies: number[] = [];
  let next = 0;
  const caller = async () => {
    while (next < requests) {
      const began = performance.now();
      await ask(next++);
      latencies.push(performance.now() - began);
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: callers }, caller));
  const seconds = (performance.now() - began) / 1000;
  latencies.sort((a, b) => a - b);
  return { perSecond: requests / seconds, p50: latencies[Math.floor((latencies.length - 1) / 2)]! };
}
