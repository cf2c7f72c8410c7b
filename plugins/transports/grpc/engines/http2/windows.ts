/** RFC 9113, section 6.9.1: no window may pass it. */
export const LARGEST_WINDOW = 2 ** 31 - 1;

/** What both sides may send on a connection before anything is said of it; streams begin with SETTINGS' value. */
export const FIRST_CONNECTION_WINDOW = 65_535;

/** `window` with `increment` more; undefined when that is more than a window can be. It may be below zero before. */
export function widened(window: number, increment: number): number | undefined {
  const wider = window + increment;
  return wider > LARGEST_WINDOW ? undefined : wider;
}

/** The increment to send when `left` of a receive window of `full` bytes is left: 0 until half of it is used. */
export const increment = (left: number, full: number): number => (left < full / 2 ? full - left : 0);
