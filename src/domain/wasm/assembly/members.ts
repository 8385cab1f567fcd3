/**
 * One JSON object read where its bytes lie: strict as `JSON.parse`, keeping of each known key where its value stands.
 *
 * I1. `readMembers` answers true only for bytes that `JSON.parse` accepts as an object, in strict UTF-8.
 * I2. For every known key it then knows the last value written under it, or that there is none.
 * What it cannot keep to this (an escaped key, nesting past `MAX_NESTING`) it answers false to: ask the oracle.
 *
 * Producers write their keys in one order and in one style, so the bytes between one value and the next are the same
 * from object to object: `,"amount":`. This glue is remembered by the position of its member and compared as a whole;
 * what it says (which key, whether a text follows) was read from the same bytes before.
 */
import { byteAt, FAIL, QUOTE, skipSpace, skipText } from "./bytes";
import { findKey, MAX_KEYS, NO_KEY } from "./keys";
import { numeralValue, skipNumeral } from "./numeral";

/** What stands under a key. */
export const ABSENT: i32 = 0;
export const TEXT: i32 = 1;
export const ESCAPED_TEXT: i32 = 2;
export const NUMBER: i32 = 3;
export const TRUE: i32 = 4;
export const FALSE: i32 = 5;
export const NULL: i32 = 6;
const NESTED: i32 = 7;
/** In place of a member, the brace that ends the object. */
const CLOSED: i32 = 8;

/** Deepest nesting that is read here, the object itself being level 1. */
const MAX_NESTING: i32 = 32;

/** Of a glue: its length (0: none), its key, what follows; then its bytes, and a mask of those that count. */
const KEY_AT: i32 = 4;
const KIND_AT: i32 = 8;
const BYTES_AT: i32 = 16;
const MASK_AT: i32 = 48;
const GLUE_SLOT: i32 = 80;
const GLUE_BYTES: i32 = MASK_AT - BYTES_AT;
/** Glues remembered; later members share the last place. */
const GLUES: i32 = 64;
const firstGlue = i32(memory.data(GLUE_SLOT * (GLUES + 1), 16));
const lastGlue = firstGlue + GLUE_SLOT * (GLUES - 1);

const kinds = memory.data(MAX_KEYS, 16);
const starts = memory.data(4 * MAX_KEYS, 16);
const ends = memory.data(4 * MAX_KEYS, 16);
const numbers = memory.data(8 * MAX_KEYS, 16);

/** What the last value was that is no text. */
let bareKind: i32 = ABSENT;
let nesting: i32 = 0;

/** What stands under the key with this index. */
@inline
export function kindOf(key: i32): i32 {
  return load<u8>(kinds + key);
}

/** First byte of the value; of a text the first after its quote. */
@inline
export function startOf(key: i32): i32 {
  return load<i32>(starts + (key << 2));
}

/** The byte after the value; of a text its closing quote. */
@inline
export function endOf(key: i32): i32 {
  return load<i32>(ends + (key << 2));
}

/** The value of a `NUMBER`; NaN when only its text tells the nearest double. */
@inline
export function numberOf(key: i32): f64 {
  return load<f64>(numbers + (key << 3));
}

/** Whether `[start, end)` is one object in full, read to its end (I1, I2). */
export function readMembers(start: i32, end: i32): bool {
  v128.store(kinds, i8x16.splat(0));
  v128.store(kinds + 16, i8x16.splat(0));
  nesting = 1;
  let at = start;
  for (let glue = firstGlue; at < end; glue += glue < lastGlue ? GLUE_SLOT : 0) {
    let next = at + load<i32>(glue);
    if (!stands(glue, at)) {
      // A member is left out: the next glue stands in its place.
      if (stands(glue + GLUE_SLOT, at)) {
        glue += GLUE_SLOT;
        next = at + load<i32>(glue);
      } else next = readGlue(glue, at, at == start, end);
    }
    const key = load<i32>(glue, KEY_AT);
    let kind = load<i32>(glue, KIND_AT);
    if (kind == CLOSED) return skipSpace(next, end) == end;
    if (next >= end) return false;
    if (kind != TEXT && byteAt(next) <= QUOTE) {
      next = skipSpace(next, end);
      if (next < end && byteAt(next) == QUOTE) {
        next++;
        kind = TEXT;
      }
    }
    const first = next;
    if (kind == TEXT) {
      next = skipText(first, end);
      if (next < 0) {
        next = ~next;
        kind = ESCAPED_TEXT;
      }
      at = next + 1;
    } else {
      at = next = skipBare(first, end);
      kind = bareKind;
    }
    if (key != NO_KEY) {
      store<u8>(kinds + key, kind);
      store<i32>(starts + (key << 2), first);
      store<i32>(ends + (key << 2), next);
      store<f64>(numbers + (key << 3), numeralValue);
    }
  }
  return false;
}

/** Whether the glue stands at `at`; it may read past the end, which its caller notices by the position. */
@inline
function stands(glue: i32, at: i32): bool {
  let wrong = v128.and(v128.xor(v128.load(at), v128.load(glue, BYTES_AT)), v128.load(glue, MASK_AT));
  const length = load<i32>(glue);
  if (length > 16) {
    const rest = v128.xor(v128.load(at, 16), v128.load(glue, BYTES_AT + 16));
    wrong = v128.or(wrong, v128.and(rest, v128.load(glue, MASK_AT + 16)));
  }
  return length != 0 && !v128.any_true(wrong);
}

/** Reads what stands between two values, byte by byte, and remembers it; the position of the next value, or `FAIL`. */
function readGlue(glue: i32, at: i32, isFirst: bool, end: i32): i32 {
  store<i32>(glue, 0);
  store<i32>(glue, ABSENT, KIND_AT);
  let next = skipSpace(at, end);
  if (next >= end) return FAIL;
  const byte = byteAt(next);
  if (byte == 0x7d && !isFirst) return remember(glue, NO_KEY, CLOSED, at, next + 1);
  if (byte != (isFirst ? 0x7b : 0x2c)) return FAIL;
  next = skipSpace(next + 1, end);
  if (isFirst && next < end && byteAt(next) == 0x7d) return remember(glue, NO_KEY, CLOSED, at, next + 1);
  const open = next;
  if (open >= end || byteAt(open) != QUOTE) return FAIL;
  const close = skipText(open + 1, end);
  // An escaped key may be a known one in disguise.
  if (close < 0 || close >= end) return FAIL;
  next = skipSpace(close + 1, end);
  if (next >= end || byteAt(next) != 0x3a) return FAIL;
  next = skipSpace(next + 1, end);
  if (next >= end) return FAIL;
  const isText = byteAt(next) == QUOTE;
  return remember(glue, findKey(open + 1, close), isText ? TEXT : ABSENT, at, next + i32(isText));
}

/** Writes down what was read from `at` up to `next`; bytes too many to compare are read anew each time. */
function remember(glue: i32, key: i32, kind: i32, at: i32, next: i32): i32 {
  store<i32>(glue, key, KEY_AT);
  store<i32>(glue, kind, KIND_AT);
  const length = next - at;
  if (length > GLUE_BYTES) return next;
  store<i32>(glue, length);
  memory.copy(glue + BYTES_AT, at, length);
  memory.fill(glue + MASK_AT, 0, GLUE_BYTES);
  memory.fill(glue + MASK_AT, 0xff, length);
  return next;
}

/** Reads a value that is no text and leaves its kind; the position after it, or `FAIL`. */
function skipBare(at: i32, end: i32): i32 {
  const lead = byteAt(at);
  if (lead <= 0x39) {
    bareKind = NUMBER;
    return skipNumeral(at);
  }
  switch (lead) {
    case 0x74: // true
      bareKind = TRUE;
      return load<u32>(at) == 0x65757274 ? at + 4 : FAIL;
    case 0x66: // false
      bareKind = FALSE;
      return load<u32>(at + 1) == 0x65736c61 ? at + 5 : FAIL;
    case 0x6e: // null
      bareKind = NULL;
      return load<u32>(at) == 0x6c6c756e ? at + 4 : FAIL;
    case 0x7b: // {
    case 0x5b: // [
      return skipNested(at, end);
    default:
      return FAIL;
  }
}

/** Reads an array or object for its grammar alone. */
function skipNested(open: i32, end: i32): i32 {
  const first = byteAt(open);
  const close = first + 2; // "[" and "]", "{" and "}" lie 2 apart.
  if (++nesting > MAX_NESTING) return FAIL;
  let at = skipSpace(open + 1, end);
  const isEmpty = at < end && byteAt(at) == close;
  for (let byte: u32 = isEmpty ? close : 0x2c; byte != close;) {
    if (byte != 0x2c) return FAIL;
    if (first == 0x7b) at = skipNestedKey(at, end);
    at = skipSpace(skipNestedValue(at, end), end);
    if (at >= end) return FAIL;
    byte = byteAt(at);
    if (byte != close) at = skipSpace(at + 1, end);
  }
  nesting--;
  bareKind = NESTED;
  return at + 1;
}

function skipNestedKey(at: i32, end: i32): i32 {
  if (at >= end || byteAt(at) != QUOTE) return FAIL;
  const colon = skipSpace(plainEnd(skipText(at + 1, end)) + 1, end);
  return colon < end && byteAt(colon) == 0x3a ? skipSpace(colon + 1, end) : FAIL;
}

function skipNestedValue(at: i32, end: i32): i32 {
  if (at >= end) return FAIL;
  return byteAt(at) == QUOTE ? plainEnd(skipText(at + 1, end)) + 1 : skipBare(at, end);
}

/** The closing quote that `skipText` tells, escapes or not. */
@inline
function plainEnd(close: i32): i32 {
  return close < 0 ? ~close : close;
}
