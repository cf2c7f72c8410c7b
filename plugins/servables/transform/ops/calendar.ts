const DAY = 86_400;

/** Seconds since 1970 in UTC as the calendar has them. */
export type Moment = {
  readonly year: number;
  /** 1 … 12 */
  readonly month: number;
  /** 1 … 31 */
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Monday is 0. */
  readonly weekday: number;
  /** 1 … 366 */
  readonly yearday: number;
  readonly leap: boolean;
};

const isLeap = (year: number) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/** Days from 1970-01-01 to a day of the proleptic Gregorian calendar. Years begin in March, so that leap days come last. */
export function daysTo(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const ofEra = y - era * 400;
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468;
}

export function momentOf(seconds: number): Moment {
  const days = Math.floor(seconds / DAY);
  const rest = seconds - days * DAY;
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const part = Math.floor((5 * ofYear + 2) / 153);
  const month = part < 10 ? part + 3 : part - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return {
    year,
    month,
    day: ofYear - Math.floor((153 * part + 2) / 5) + 1,
    hour: Math.floor(rest / 3600),
    minute: Math.floor((rest % 3600) / 60),
    second: Math.floor(rest % 60),
    weekday: (((days + 3) % 7) + 7) % 7,
    yearday: days - daysTo(year, 1, 1) + 1,
    leap: isLeap(year),
  };
}

const ISO =
  /^([+-]\d{6}|\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function zoneSeconds(zone: string | undefined): number {
  if (zone === undefined || zone.toUpperCase() === "Z") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(":", "") || 0);
  return (zone[0] === "-" ? -60 : 60) * minutes;
}

const [ZERO, DASH, COLON] = [48, 45, 58];

/** The number that `count` digits make; NaN where one is none. */
function digits(text: string, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** The lengths of `2024-02-29`, `2024-02-29T12:30:00Z` and `2024-02-29T12:30:00.000Z`, which are most dates. */
const USUAL: ReadonlySet<number> = new Set([10, 20, 24]);

/** Seconds of a date as it usually is; NaN for all others, dates or not. Many times faster than an expression. */
function usualSeconds(text: string): number {
  const { length } = text;
  if (!USUAL.has(length) || text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return Number.NaN;
  const [year, month, day] = [digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2)];
  if (!(day >= 1 && day <= 28 && month >= 1 && month <= 12)) return Number.NaN;
  const start = daysTo(year, month, day) * DAY;
  if (length === 10) return start;
  if (text[10] !== "T" || text[length - 1] !== "Z" || text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON) {
    return Number.NaN;
  }
  const [hour, minute, second] = [digits(text, 11, 2), digits(text, 14, 2), digits(text, 17, 2)];
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return Number.NaN;
  const whole = start + hour * 3600 + minute * 60 + second;
  if (length === 20) return whole;
  return text[19] === "." ? whole + digits(text, 20, 3) / 1000 : Number.NaN;
}

/** Seconds since 1970 of a date, or a date and time, of ISO 8601; in UTC where it names no zone. NaN for what is none. */
export function secondsOf(text: string): number {
  const usual = usualSeconds(text);
  return Number.isNaN(usual) ? anySeconds(text) : usual;
}

function anySeconds(text: string): number {
  const parts = ISO.exec(text);
  if (!parts) return Number.NaN;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const days = month === 2 && isLeap(year) ? 29 : (MONTH_DAYS[month - 1] ?? 0);
  if (day < 1 || day > days || hour > 23 || minute > 59 || second > 59) return Number.NaN;
  const fraction = parts[7] === undefined ? 0 : Number(`0.${parts[7]}`);
  return daysTo(year, month, day) * DAY + hour * 3600 + minute * 60 + second + fraction - zoneSeconds(parts[8]);
}

/** A part of a date as a whole number. */
export const dateParts = {
  year: (m) => m.year,
  quarter: (m) => Math.ceil(m.month / 3),
  month: (m) => m.month,
  day: (m) => m.day,
  weekday: (m) => m.weekday,
  yearday: (m) => m.yearday,
  hour: (m) => m.hour,
  minute: (m) => m.minute,
  second: (m) => m.second,
} as const satisfies Readonly<Record<string, (moment: Moment) => number>>;

export type DatePart = keyof typeof dateParts;

/** How far a moment is through its cycle, from 0 at its beginning to nearly 1. Days count whole. */
export const dateCycles = {
  year: (m) => (m.yearday - 1) / (m.leap ? 366 : 365),
  month: (m) => (m.month - 1) / 12,
  weekday: (m) => m.weekday / 7,
  day: (m) => (m.hour * 3600 + m.minute * 60 + m.second) / DAY,
  hour: (m) => (m.minute * 60 + m.second) / 3600,
} as const satisfies Readonly<Record<string, (moment: Moment) => number>>;

export type DateCycle = keyof typeof dateCycles;
