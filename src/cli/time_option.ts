/** Times and numbers given on the command line. */
import { InvalidArgumentError } from "commander";
import type { StartFrom } from "../stream/start.ts";

/** An instant: ISO 8601, or milliseconds since 1970. @throws {InvalidArgumentError} */
export function timeMs(text: string): number {
  const ms = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError("Give a time as ISO 8601 or milliseconds since 1970");
  return ms;
}

/** Where to start. @throws {InvalidArgumentError} */
export function startFrom(text: string): StartFrom {
  return text === "earliest" || text === "latest" ? text : { timeMs: timeMs(text) };
}

/** A whole number from 0. @throws {InvalidArgumentError} */
export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(Number(text))) {
    throw new InvalidArgumentError("Give a whole number, 0 or more");
  }
  return Number(text);
}

/** A finite number above 0. @throws {InvalidArgumentError} */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value > 0 && Number.isFinite(value))) {
    throw new InvalidArgumentError("Give a number above 0");
  }
  return value;
}

/** A share from 0 to 1. @throws {InvalidArgumentError} */
export function share(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value <= 1)) throw new InvalidArgumentError("Give a number from 0 to 1");
  return value;
}

/** A speed: a number above 0, or `max`. @throws {InvalidArgumentError} */
export function speed(text: string): number {
  return text === "max" ? Infinity : positiveNumber(text);
}
