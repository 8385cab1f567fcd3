/** Event times: the fast form of `src/domain/timestamp.ts`, same texts and numbers, same instants. */
import { byteAt } from "./bytes";

const MINUTE_MS: f64 = 60_000;
const DAY_MS: f64 = 86_400_000;
/** 2262-01-01T00:00:00Z. */
const END_EVENT_MS: f64 = 9_214_646_400_000;
/** Numbers below this are seconds. */
const SECONDS_BELOW: f64 = 1e11;

/** `YYYY-MM-DD` */
const DATE_BYTES: i32 = 10;
/** `YYYY-MM-DDTHH:MM` */
const MINUTE_BYTES: i32 = 16;
/** From 0000-03-01 to 1970-01-01. */
const DAYS_TO_1970: i32 = 719_468;
/** Above every number of two digits. */
const NO_DIGITS: i32 = 100;
const COLON: u32 = 0x3a;

/** The 16 bytes of the last minute and what they say, for events come in order, more or less. */
const lastMinute = memory.data(MINUTE_BYTES, 16);
let lastMinuteMs: f64 = NaN;

/** An instant in whole milliseconds, NaN outside 1970-2261. */
export function eventMs(epochMs: f64): f64 {
  const whole = floor(epochMs) + 0;
  return whole >= 0 && whole < END_EVENT_MS ? whole : NaN;
}

/** Event time of a number. */
export function epochNumberMs(value: f64): f64 {
  return abs(value) >= SECONDS_BELOW ? eventMs(value) : eventMs(Math.round(value * 1e6) / 1000);
}

/** The instant written in bytes `[start, end)`, or NaN where `parseIsoMs` has NaN. */
export function isoMs(start: i32, end: i32): f64 {
  if (end - start <= MINUTE_BYTES) return NaN;
  const minute = v128.load(start);
  if (v128.any_true(v128.xor(minute, v128.load(lastMinute)))) {
    v128.store(lastMinute, minute);
    lastMinuteMs = dateMs(start) + timeOfDayMs(start + DATE_BYTES);
  }
  let at = start + MINUTE_BYTES;
  let ms = 0;
  if (byteAt(at) == COLON) {
    const second = at + 3 < end ? twoDigits(at + 1) : NO_DIGITS;
    if (second > 59) return NaN;
    ms = second * 1000;
    at += 3;
    if (byteAt(at) == 0x2e) {
      const first = ++at;
      let place = 100;
      // The quote that ends the text stops it.
      for (let digit = byteAt(at) - 0x30; digit <= 9; digit = byteAt(++at) - 0x30) {
        ms += digit * place;
        place /= 10;
      }
      if (at == first) return NaN;
    }
  }
  return eventMs(lastMinuteMs + f64(ms) - zoneMs(at, end));
}

/** `Z`, `z`, `±HH`, `±HHMM` or `±HH:MM`, which must end the text, in milliseconds east. */
function zoneMs(at: i32, end: i32): f64 {
  const length = end - at;
  if (length < 1) return NaN;
  const sign = byteAt(at);
  if (length == 1) return sign == 0x5a || sign == 0x7a ? 0 : NaN;
  if ((sign != 0x2b && sign != 0x2d) || length < 3) return NaN;
  const hour = twoDigits(at + 1);
  const minute = zoneMinute(at + 3, end);
  if (hour > 23 || minute > 59) return NaN;
  return (sign == 0x2d ? -MINUTE_MS : MINUTE_MS) * f64(hour * 60 + minute);
}

function zoneMinute(at: i32, end: i32): i32 {
  switch (end - at) {
    case 0:
      return 0;
    case 2:
      return twoDigits(at);
    case 3:
      return byteAt(at) == COLON ? twoDigits(at + 1) : NO_DIGITS;
    default:
      return NO_DIGITS;
  }
}

/** `THH:MM` from its separator on. */
function timeOfDayMs(at: i32): f64 {
  const separator = byteAt(at);
  const isTime = (separator == 0x54 || separator == 0x74 || separator == 0x20) && byteAt(at + 3) == COLON;
  const hour = twoDigits(at + 1);
  const minute = twoDigits(at + 4);
  return isTime && hour <= 23 && minute <= 59 ? f64(hour * 60 + minute) * MINUTE_MS : NaN;
}

/** Midnight of the date `YYYY-MM-DD`. Source: H. Hinnant, days_from_civil: years that begin in March have their odd day last. */
function dateMs(start: i32): f64 {
  if (byteAt(start + 4) != 0x2d || byteAt(start + 7) != 0x2d) return NaN;
  const century = twoDigits(start);
  const yearOfCentury = twoDigits(start + 2);
  const month = twoDigits(start + 5);
  const day = twoDigits(start + 8);
  if (century > 99 || yearOfCentury > 99 || month < 1 || month > 12) return NaN;
  const year = century * 100 + yearOfCentury;
  if (day < 1 || day > daysOf(year, month)) return NaN;
  const marchYear = month > 2 ? year : year - 1;
  // Whole numbers are cut towards zero, which is wrong for the year -1; that is out of range anyhow.
  const leapDays = marchYear / 4 - marchYear / 100 + marchYear / 400;
  const dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return f64(marchYear * 365 + leapDays + dayOfYear - DAYS_TO_1970) * DAY_MS;
}

function daysOf(year: i32, month: i32): i32 {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/** The number of two digits at `at`, or `NO_DIGITS`. */
function twoDigits(at: i32): i32 {
  const tens = byteAt(at) - 0x30;
  const ones = byteAt(at + 1) - 0x30;
  return tens > 9 || ones > 9 ? NO_DIGITS : tens * 10 + ones;
}
