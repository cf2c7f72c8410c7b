import { z } from "zod";

const timeUnits: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const sizeUnits: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** `base`: the unit of what the schema yields, for whoever writes a config. */
function quantity(units: Readonly<Record<string, number>>, base: string, expected: string) {
  const pattern = new RegExp(`^(\\d+(?:\\.\\d+)?)\\s*(${Object.keys(units).join("|")})$`);
  return z
    .string({ error: `expected ${expected}` })
    .regex(pattern, { error: `expected ${expected}` })
    .transform((text) => {
      const [, digits = "", unit = ""] = pattern.exec(text) ?? [];
      return Number(digits) * (units[unit] ?? Number.NaN);
    })
    .meta({ unit: base });
}

/** A time such as `2ms`, `1.5s`, `5m`; yields milliseconds. */
export const duration = () => quantity(timeUnits, "ms", 'a time such as "200us", "2ms", "30s", "5m" or "1h"');

/** A size such as `64MB` or `4GiB`; yields bytes. */
export const bytes = () => quantity(sizeUnits, "B", 'a size such as "500KB", "64MB" or "4GiB"');
