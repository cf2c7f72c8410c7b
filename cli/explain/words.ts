/** Short and with no more digits than tell something: `0.04 ms`, `2.1 ms`, `38 ms`. */
export function ms(milliseconds: number): string {
  const digits = milliseconds >= 10 ? 0 : milliseconds >= 0.1 || milliseconds === 0 ? 1 : 2;
  return `${milliseconds.toFixed(digits)} ms`;
}

/** A time that has passed: `120 ms`, `3.4 s`, `12 s`, `5 min`, `7 h`. */
export function ago(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 100) return `${Math.round(seconds)} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

export const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** `1 row`, `2.1 rows` */
export function counted(average: number, what: string): string {
  const rounded = Math.round(10 * average) / 10;
  return `${rounded} ${what}${rounded === 1 ? "" : "s"}`;
}
