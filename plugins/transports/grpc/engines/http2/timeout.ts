const format = /^(\d{1,8})([HMSmun])$/;
const units: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };

/** The milliseconds in a `grpc-timeout`; undefined for what is none. */
export function readTimeout(text: string): number | undefined {
  const [, digits, unit = ""] = format.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * units[unit]!;
}
