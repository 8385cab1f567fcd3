/**
 * One JSON object read where its bytes lie: strict as `JSON.parse`, keeping of each known key where its value stands.
 *
 * I1. `scan` answers true only for bytes that `JSON.parse` accepts as an object, in strict UTF-8.
 * I2. For every known key it then knows the last value written under it, or that there is none.
 * What it cannot keep to this (an escaped key, nesting past `MAX_SCAN_NESTING`) it answers false to: ask the oracle.
 */
import { powerOfTen, scaled } from "./decimal.ts";
import { FAIL, skipEscape, skipMultibyte, skipSpace } from "./json_bytes.ts";
import { KeyTable, NO_KEY } from "./key_table.ts";

/** What stands under a key. */
export const KIND = { absent: 0, text: 1, escapedText: 2, number: 3, true: 4, false: 5, null: 6, nested: 7 } as const;

/** One of `KIND`. */
export type Kind = typeof KIND[keyof typeof KIND];

/** Deepest nesting that is read here, the object itself being level 1. */
export const MAX_SCAN_NESTING = 32;

/** Members of an object whose key is guessed from the object before. */
const GUESSED = 64;

/** Digits of one half of a mantissa; both halves stay small integers. */
const HALF_DIGITS = 9;

/** Numbers kept of a value. */
const SLOT = 4;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Scans objects for the values of known keys. One at a time; the answers hold until the next `scan`.
 *
 * Cost: about a nanosecond a byte, no allocation.
 */
export class JsonScanner {
  readonly #keys: KeyTable;
  /** Key index by position of the member, as the objects before had them: producers write keys in one order. */
  readonly #guesses = new Int8Array(GUESSED).fill(NO_KEY);
  /** Kind, start and end of the value, `SLOT` numbers for each key. */
  readonly #slots: Int32Array;
  readonly #numbers: Float64Array;
  #view: DataView = new DataView(new ArrayBuffer(0));
  /** Bit by key index. */
  #seen = 0;
  #kind: Kind = KIND.absent;
  /** Position of the last escape. */
  #escapedAt = -1;
  #key = NO_KEY;
  #nesting = 0;
  #number = 0;
  #head = 0;
  #tail = 0;
  #digits = 0;

  /** `keys`: the known ones; elsewhere a key is named by its index here. @throws {RangeError} when there are over 30. */
  constructor(keys: readonly string[]) {
    this.#keys = new KeyTable(keys);
    this.#slots = new Int32Array(keys.length * SLOT);
    this.#numbers = new Float64Array(keys.length);
  }

  /**
   * Whether `[start, end)` is one object in full, read to its end (I1, I2).
   *
   * The loop takes what nearly every member is in three calls: a key as guessed, its value, the comma after it.
   */
  scan(view: DataView, start: number, end: number): boolean {
    this.#view = view;
    this.#seen = 0;
    this.#nesting = 1;
    this.#escapedAt = -1;
    let at = skipSpace(view, start, end);
    if (at >= end || view.getUint8(at) !== OPEN_OBJECT) return false;
    at = skipSpace(view, at + 1, end);
    if (at < end && view.getUint8(at) === CLOSE_OBJECT) return skipSpace(view, at + 1, end) === end;
    return this.#members(view, at, end) === end;
  }

  /**
   * Reads members from the quote at `first` to the brace that ends the object and the space after it.
   */
  #members(view: DataView, first: number, end: number): number {
    const keys = this.#keys;
    const guesses = this.#guesses;
    const slots = this.#slots;
    let seen = 0;
    let at = first;
    for (let member = 0; at < end; member = (member + 1) & (GUESSED - 1)) {
      const open = at;
      let key = guesses[member] ?? NO_KEY;
      if (key !== NO_KEY) at = keys.skip(view, at, key);
      if (at === open) {
        at = this.#strangeKey(view, open, end);
        guesses[member] = key = this.#key;
      }
      if (at < end && view.getUint8(at) <= 0x20) at = skipSpace(view, at, end);
      if (at >= end) return FAIL;
      const lead = view.getUint8(at);
      let start = at;
      let kind: number = KIND.number;
      let after = FAIL;
      if (lead === QUOTE) {
        start++;
        at = this.#text(view, start, end);
        kind = this.#escapedAt < start ? KIND.text : KIND.escapedText;
        after = at + 1;
      } else if (lead <= 0x39) at = after = this.#numeral(view, at, end);
      else {
        at = after = this.#wordOrNested(view, at, end);
        kind = this.#kind;
      }
      if (key !== NO_KEY) {
        seen |= 1 << key;
        slots[key * SLOT] = kind;
        slots[key * SLOT + 1] = start;
        slots[key * SLOT + 2] = at;
        if (kind === KIND.number) this.#numbers[key] = this.#number;
      }
      if (after < end && view.getUint8(after) <= 0x20) after = skipSpace(view, after, end);
      if (after >= end) return FAIL;
      const byte = view.getUint8(after);
      at = after + 1;
      if (byte === CLOSE_OBJECT) {
        this.#seen = seen;
        return skipSpace(view, at, end);
      }
      if (byte !== COMMA) return FAIL;
      if (at < end && view.getUint8(at) <= 0x20) at = skipSpace(view, at, end);
    }
    return FAIL;
  }

  /** What stands under the key with this index. */
  kind(key: number): number {
    return (this.#seen >>> key & 1) === 0 ? KIND.absent : this.#slots[key * SLOT] ?? KIND.absent;
  }

  /** First byte of the value; of a text the first after its quote. */
  start(key: number): number {
    return this.#slots[key * SLOT + 1] ?? 0;
  }

  /** The byte after the value; of a text its closing quote. */
  end(key: number): number {
    return this.#slots[key * SLOT + 2] ?? 0;
  }

  /** The value of a `KIND.number`, as `JSON.parse` gives it; infinite when it overflows. */
  number(key: number): number {
    const value = this.#numbers[key] ?? NaN;
    return value === value ? value : this.#numberFromText(key);
  }

  #numberFromText(key: number): number {
    let text = "";
    for (let at = this.start(key); at < this.end(key); at++) text += String.fromCharCode(this.#view.getUint8(at));
    return Number(text);
  }

  /** Reads a key and its colon, leaves the key's index in `#key`; returns the position after them. */
  #strangeKey(view: DataView, open: number, end: number): number {
    this.#key = NO_KEY;
    if (view.getUint8(open) !== QUOTE) return FAIL;
    const close = this.#text(view, open + 1, end);
    // An escaped key may be a known one in disguise.
    if (close >= end || this.#escapedAt > open) return FAIL;
    this.#key = this.#keys.find(view, open, close);
    const colon = skipSpace(view, close + 1, end);
    return colon < end && view.getUint8(colon) === COLON ? colon + 1 : FAIL;
  }

  /** Reads any value for its grammar alone. */
  #value(view: DataView, at: number, end: number): number {
    if (at >= end) return FAIL;
    const lead = view.getUint8(at);
    if (lead === QUOTE) return this.#text(view, at + 1, end) + 1;
    return lead <= 0x39 ? this.#numeral(view, at, end) : this.#wordOrNested(view, at, end);
  }

  #wordOrNested(view: DataView, at: number, end: number): number {
    switch (view.getUint8(at)) {
      case 0x74: // true
        this.#kind = KIND.true;
        return at + 4 <= end && view.getUint32(at) === 0x74727565 ? at + 4 : FAIL;
      case 0x66: // false
        this.#kind = KIND.false;
        return at + 5 <= end && view.getUint32(at + 1) === 0x616c7365 ? at + 5 : FAIL;
      case 0x6e: // null
        this.#kind = KIND.null;
        return at + 4 <= end && view.getUint32(at) === 0x6e756c6c ? at + 4 : FAIL;
      case OPEN_OBJECT:
      case 0x5b: // [
        return this.#nested(view, at, end);
      default:
        return FAIL;
    }
  }

  /** The position of the quote that closes the text whose first byte is at `start`; notes an escape in `#escapedAt`. */
  #text(view: DataView, start: number, end: number): number {
    let at = start;
    while (at + 4 <= end) {
      const word = view.getInt32(at, true);
      // Sets the top bit of every byte that is a quote, a backslash, below 0x20 or above 0x7f; of higher bytes than the
      // first such one it may set too many, so only the lowest is looked at.
      const marks =
        ((word - 0x20202020) | ((word ^ 0x22222222) - 0x01010101) | ((word ^ 0x5c5c5c5c) - 0x01010101) | word) &
        0x80808080;
      if (marks === 0) {
        at += 4;
        continue;
      }
      at += (31 - Math.clz32(marks & -marks)) >> 3;
      if (view.getUint8(at) === QUOTE) return at;
      at = this.#unusual(view, at, end);
    }
    while (at < end) {
      if (view.getUint8(at) === QUOTE) return at;
      at = this.#unusual(view, at, end);
    }
    return FAIL;
  }

  /** The position after one character that may be an escape or not ASCII, `FAIL` for a control character. */
  #unusual(view: DataView, at: number, end: number): number {
    const byte = view.getUint8(at);
    if (byte >= 0x80) return skipMultibyte(view, at, end);
    if (byte < 0x20) return FAIL;
    if (byte !== 0x5c) return at + 1;
    this.#escapedAt = at;
    return skipEscape(view, at, end);
  }

  /** Reads an array or object for its grammar alone. */
  #nested(view: DataView, open: number, end: number): number {
    const first = view.getUint8(open);
    const close = first + 2; // "[" and "]", "{" and "}" lie 2 apart.
    if (++this.#nesting > MAX_SCAN_NESTING) return FAIL;
    let at = skipSpace(view, open + 1, end);
    const empty = at < end && view.getUint8(at) === close;
    for (let byte = empty ? close : COMMA; byte !== close;) {
      if (byte !== COMMA) return FAIL;
      if (first === OPEN_OBJECT) at = this.#nestedKey(view, at, end);
      at = skipSpace(view, this.#value(view, at, end), end);
      if (at >= end) return FAIL;
      byte = view.getUint8(at);
      if (byte !== close) at = skipSpace(view, at + 1, end);
    }
    this.#nesting--;
    this.#kind = KIND.nested;
    return at + 1;
  }

  #nestedKey(view: DataView, at: number, end: number): number {
    if (at >= end || view.getUint8(at) !== QUOTE) return FAIL;
    const colon = skipSpace(view, this.#text(view, at + 1, end) + 1, end);
    return colon < end && view.getUint8(colon) === COLON ? skipSpace(view, colon + 1, end) : FAIL;
  }

  /** Reads a number by JSON's grammar into `#number`; here those of a few digits and perhaps a point. */
  #numeral(view: DataView, start: number, end: number): number {
    const first = view.getUint8(start) === MINUS ? start + 1 : start;
    const limit = Math.min(end, first + HALF_DIGITS + 2);
    let at = first;
    let fraction = 0;
    let mantissa = 0;
    for (; at < limit; at++) {
      const byte = view.getUint8(at);
      if (byte >= 0x30 && byte <= 0x39) mantissa = (Math.imul(mantissa, 10) + byte - 0x30) | 0;
      else if (byte === POINT && fraction === 0) fraction = at + 1;
      else break;
    }
    const digits = at - first - (fraction === 0 ? 0 : 1);
    if (at === limit || digits > HALF_DIGITS || fraction === at || (view.getUint8(at) | 0x20) === 0x65) {
      return this.#longNumeral(view, start, end);
    }
    const whole = fraction === 0 ? digits : fraction - first - 1;
    if (whole === 0 || (whole > 1 && view.getUint8(first) === 0x30)) return FAIL;
    const magnitude = fraction === 0 ? mantissa : mantissa / powerOfTen(at - fraction);
    this.#number = first === start ? magnitude : -magnitude;
    return at;
  }

  /** Reads any number by JSON's grammar into `#number`, NaN where only its text tells the nearest double. */
  #longNumeral(view: DataView, start: number, end: number): number {
    this.#head = this.#tail = this.#digits = 0;
    const negative = view.getUint8(start) === MINUS;
    const first = negative ? start + 1 : start;
    let at = this.#run(view, first, end);
    if (at === first || (at > first + 1 && view.getUint8(first) === 0x30)) return FAIL;
    let exponent = 0;
    if (at < end && view.getUint8(at) === POINT) {
      const point = at;
      at = this.#run(view, point + 1, end);
      exponent = point + 1 - at;
      if (exponent === 0) return FAIL;
    }
    const isScaled = at < end && (view.getUint8(at) | 0x20) === 0x65;
    const magnitude = isScaled ? NaN : this.#magnitude(exponent);
    this.#number = negative ? -magnitude : magnitude;
    return isScaled ? skipExponent(view, at, end) : at;
  }

  /** Takes a run of digits into the mantissa; returns the position after it. */
  #run(view: DataView, start: number, end: number): number {
    let head = this.#head;
    let digits = this.#digits;
    let at = start;
    for (; at < end; at++) {
      const digit = view.getUint8(at) - 0x30;
      if (digit < 0 || digit > 9) break;
      if (digits < HALF_DIGITS) head = head * 10 + digit;
      else this.#tail = (Math.imul(this.#tail, 10) + digit) | 0;
      digits++;
    }
    this.#head = head;
    this.#digits = digits;
    return at;
  }

  #magnitude(exponent: number): number {
    if (this.#digits <= HALF_DIGITS) return scaled(this.#head, 0, exponent);
    if (this.#digits > 2 * HALF_DIGITS) return NaN;
    // Exact: the head is below 2^30 and the power's odd part below 2^21.
    const high = this.#head * powerOfTen(this.#digits - HALF_DIGITS);
    const value = high + this.#tail;
    return scaled(value, this.#tail - (value - high), exponent);
  }
}

/** The position after an exponent that begins at `at` with its letter, or `FAIL`. */
function skipExponent(view: DataView, at: number, end: number): number {
  const sign = at + 1 < end ? view.getUint8(at + 1) : 0;
  const first = sign === 0x2b || sign === 0x2d ? at + 2 : at + 1;
  let next = first;
  while (next < end && view.getUint8(next) >= 0x30 && view.getUint8(next) <= 0x39) next++;
  return next > first ? next : FAIL;
}
