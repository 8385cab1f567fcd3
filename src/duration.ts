/** Durations as they are written in settings and flags. */

const SECOND_MS = 1_000, MINUTE_MS = 60 * SECOND_MS, HOUR_MS = 60 * MINUTE_MS;
/** A day. */
export const DAY_MS = 24 * HOUR_MS;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

/**
 * Milliseconds of a duration such as `500ms`, `5s`, `10m`, `24h` or `30d`; undefined when it is none.
 *
 * @example
 * ```ts
 * import { parseDurationMs } from "./duration.ts";
 * if (parseDurationMs("10m") !== 600_000) throw new RangeError("Cannot read 10m");
 * ```
 */
export function parseDurationMs(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim()) ?? [];
  const ms = Number(amount) * (UNIT_MS[unit ?? ""] ?? NaN);
  return Number.isSafeInteger(ms) ? ms : undefined;
}
