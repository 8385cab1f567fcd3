/** What values of settings may be: schemas from text to what the program works with. */
import { z } from "zod";
import { parseFieldMap } from "./domain/field_map.ts";

/** A day, ms. */
export const DAY_MS = 86_400_000;

const SECOND_MS = 1_000, MINUTE_MS = 60 * SECOND_MS, HOUR_MS = 60 * MINUTE_MS;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

/**
 * Milliseconds of a duration such as `500ms`, `5s`, `10m`, `24h` or `30d`; undefined when it is none.
 *
 * @example
 * ```ts
 * import { parseDurationMs } from "./setting_values.ts";
 * if (parseDurationMs("10m") !== 600_000) throw new RangeError("Cannot read 10m");
 * ```
 */
export function parseDurationMs(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim()) ?? [];
  const ms = Number(amount) * (UNIT_MS[unit ?? ""] ?? NaN);
  return Number.isSafeInteger(ms) ? ms : undefined;
}

/** A text that is not empty. */
export const text = z.string().min(1);
/** `true` or `false`. */
export const flagText = z.enum(["true", "false"]).transform((value) => value === "true");

/** A duration of at least so many ms. */
export function duration(atLeastMs: number) {
  return z.string().transform((value, cx) => {
    const ms = parseDurationMs(value);
    if (ms !== undefined && ms >= atLeastMs) return ms;
    cx.addIssue("not a duration in range");
    return z.NEVER;
  });
}

/** A whole number in a range. */
export function whole(low: number, high: number) {
  return z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(low).max(high));
}

/** `host:port,…`. */
export const brokerList = z.string().transform((value) => value.split(",").map((broker) => broker.trim()))
  .pipe(z.array(z.string().refine(isBroker)).min(1));
/** A mapping of fields. */
export const fieldMap = z.string().transform((value, cx) => {
  try {
    return parseFieldMap(value);
  } catch (error) {
    cx.addIssue(error instanceof SyntaxError ? error.message : "not a mapping");
    return z.NEVER;
  }
});
/** An IANA time zone. */
export const timezone = z.string().refine((value) => isTimezone(value));

function isBroker(text: string): boolean {
  const [, port] = /^(?:\[[0-9a-fA-F:]+\]|[^\s:[\]@/]+):(\d{1,5})$/.exec(text) ?? [];
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}

/** Whether a URL has no room for a secret; what is no URL at all is for others to refuse. */
export function isBare(text: string): boolean {
  const url = URL.parse(text);
  return url === null || [url.username, url.password, url.search, url.hash].every((part) => part === "");
}

/** Whether a URL names no user. */
export function isAnonymous(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && url.username === "" && url.password === "";
}

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }) !== undefined;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
