import { orAborted } from "./promptly.js";

/** Work that is shared by all who want the same while it is under way. */
export interface Flights<T, R> {
  /** @throws what the work throws, or the signal's reason; the work is called off when all who wanted it have left */
  join(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<R>;
}

type Flight<T> = { readonly result: Promise<T>; readonly cancel: AbortController; waiting: number };

/**
 * @param handOut makes of the result what one of those who wanted it gets
 * @param land called with the result when everybody has got theirs, or has left
 */
export function createFlights<T, R>(handOut: (result: T) => R, land: (result: T) => void): Flights<T, R> {
  const flights = new Map<string, Flight<T>>();

  function start(key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const cancel = new AbortController();
    const flight = { result: work(cancel.signal), cancel, waiting: 0 };
    flights.set(key, flight);
    // Whoever comes after a failure tries anew.
    flight.result.catch(() => forget(key, flight));
    return flight;
  }

  function forget(key: string, flight: Flight<T>): void {
    if (flights.get(key) === flight) flights.delete(key);
  }

  function leave(key: string, flight: Flight<T>): void {
    flight.waiting--;
    if (flight.waiting > 0) return;
    forget(key, flight);
    flight.cancel.abort(new DOMException("nobody waits for it any more", "AbortError"));
    flight.result.then(land, () => {});
  }

  return {
    async join(key, signal, work) {
      signal.throwIfAborted();
      const flight = flights.get(key) ?? start(key, work);
      flight.waiting++;
      try {
        return handOut(await orAborted(flight.result, signal));
      } finally {
        leave(key, flight);
      }
    },
  };
}
