/** What values of settings may be: schemas from text to what the program works with. */
import { z } from "zod";
import { parseFieldMap } from "./domain/field_map.ts";
import { parseDurationMs } from "./duration.ts";

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
