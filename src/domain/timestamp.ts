/** Event time as written in an event: ISO 8601 text with a zone, or a number of seconds or milliseconds. */

/** First instant an event may have: 1970-01-01T00:00:00Z. */
export const MIN_EVENT_MS = 0;

/** First instant an event may no longer have: 2262-01-01T00:00:00Z. */
export const END_EVENT_MS = 9_214_646_400_000;

/** Numbers below this in absolute value are seconds since 1970, all others milliseconds. */
export const SECONDS_BELOW = 1e11;

/** An instant in whole milliseconds if it lies in `[MIN_EVENT_MS, END_EVENT_MS)`, else NaN; rounds down, never gives -0. */
export function eventMs(epochMs: number): number {
  const whole = Math.floor(epochMs) + 0;
  return whole >= MIN_EVENT_MS && whole < END_EVENT_MS ? whole : NaN;
}

/**
 * Event time of a number: seconds below `SECONDS_BELOW`, else milliseconds; rounded down to whole milliseconds.
 *
 * Seconds are taken to the microsecond first, for a double holds `1735691160.123` only as something just below or
 * above it, and rounding that down would lose a millisecond that the event did name.
 *
 * Shape: milliseconds, or NaN outside 1970-2261.
 */
export function epochNumberMs(value: number): number {
  if (Math.abs(value) >= SECONDS_BELOW) return eventMs(value);
  return eventMs(Math.round(value * 1e6) / 1000);
}

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?(?:[Zz]|([+-])(\d{2})(?::?(\d{2}))?)$/;

/**
 * Event time of ISO 8601 text: `YYYY-MM-DD`, then `T`, `t` or a space, `HH:MM[:SS[.digits]]`, then `Z`, `z`, `±HH:MM`,
 * `±HHMM` or `±HH`. Real calendar days only, no hour 24, no second 60, no time without a zone; digits past the
 * millisecond are cut off.
 *
 * The plain reading, held against `IsoReader`, which shares nothing with it but the range.
 *
 * Shape: milliseconds, or NaN when the text is none of this or lies outside 1970-2261.
 */
export function parseIsoMs(text: string): number {
  const parts = ISO.exec(text);
  if (parts === null) return NaN;
  const number = (group: number): number => Number(parts[group] ?? "0");
  const [year, month, day] = [number(1), number(2), number(3)];
  const [hour, minute, second] = [number(4), number(5), number(6)];
  const [zoneHour, zoneMinute] = [number(9), number(10)];
  if (hour > 23 || minute > 59 || second > 59 || zoneHour > 23 || zoneMinute > 59) return NaN;
  const date = new Date(Date.UTC(2000, 0, 1));
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return NaN;
  const millisecond = Number((parts[7] ?? "").slice(0, 3).padEnd(3, "0"));
  const zoneMs = (parts[8] === "-" ? -1 : 1) * (zoneHour * 60 + zoneMinute) * 60_000;
  return eventMs(date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + millisecond - zoneMs);
}
