/**
 * One JSON object read where its bytes lie: strict as `JSON.parse`, keeping of each known key where its value stands.
 *
 * I1. `scan` answers true only for bytes that `JSON.parse` accepts as an object, in strict UTF-8.
 * I2. For every known key it then knows the last value written under it, or that there is none.
 * What it cannot keep to this (an escaped key, nesting past `MAX_SCAN_NESTING`) it answers false to: ask the oracle.
 */
import { FAIL, skipEscape, skipMultibyte, skipSpace } from "./json_bytes.ts";
import { KeyTable, NO_KEY } from "./key_table.ts";
import { NumeralReader } from "./numeral.ts";

/** What stands under a key. */
export const KIND = { absent: 0, text: 1, escapedText: 2, number: 3, true: 4, false: 5, null: 6, nested: 7 } as const;

/** One of `KIND`. */
export type Kind = typeof KIND[keyof typeof KIND];

/** Deepest nesting that is read here, the object itself being level 1. */
export const MAX_SCAN_NESTING = 32;

/** Members of an object whose key is guessed from the object before. */
const GUESSED = 64;

/** Numbers kept of a value. */
const SLOT = 4;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const BACKSLASH = 0x5c;

/**
 * Scans objects for the values of known keys. One at a time; the answers hold until the next `scan`.
 *
 * Cost: one pass, texts and keys four bytes at a time; no allocation.
 */
export class JsonScanner {
  readonly #keys: KeyTable;
  /** Key index by position of the member, as the objects before had them: producers write keys in one order. */
  readonly #guesses = new Int8Array(GUESSED).fill(NO_KEY);
  /** Kind, start and end of the value, `SLOT` numbers for each key. */
  readonly #slots: Int32Array;
  readonly #numbers: Float64Array;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #kind: Kind = KIND.absent;
  #key = NO_KEY;
  #nesting = 0;
  readonly #numerals = new NumeralReader();

  /** `keys`: the known ones; elsewhere a key is named by its index here. @throws {RangeError} when there are over 30. */
  constructor(keys: readonly string[]) {
    this.#keys = new KeyTable(keys);
    this.#slots = new Int32Array(keys.length * SLOT);
    this.#numbers = new Float64Array(keys.length);
  }

  /** Whether `[start, end)` is one object in full, read to its end (I1, I2). */
  scan(view: DataView, start: number, end: number): boolean {
    this.#view = view;
    for (let slot = 0; slot < this.#slots.length; slot += SLOT) this.#slots[slot] = KIND.absent;
    this.#nesting = 1;
    let at = skipSpace(view, start, end);
    if (at >= end || view.getUint8(at) !== OPEN_OBJECT) return false;
    at = skipSpace(view, at + 1, end);
    if (at < end && view.getUint8(at) === CLOSE_OBJECT) return skipSpace(view, at + 1, end) === end;
    return this.#members(view, at, end) === end;
  }

  /**
   * Reads members from the quote at `first` to the brace that ends the object and the space after it.
   *
   * The hot loop, over the function budget on purpose. Its property test is
   * "TransactionDecoder.decode() equals decodeTransaction()". Sums are cut to 32 bits (`| 0`), which spares the compiler
   * its overflow checks and the boxing that comes of them.
   */
  #members(view: DataView, first: number, end: number): number {
    const keys = this.#keys;
    const guesses = this.#guesses;
    const slots = this.#slots;
    const stop = end | 0;
    let at = first | 0;
    for (let member = 0; at < stop; member = (member + 1) & (GUESSED - 1)) {
      let key = guesses[member] ?? NO_KEY;
      let next = key === NO_KEY ? at : keys.skip(view, at, key) | 0;
      if (next === at) {
        this.#key = key;
        next = this.#strangeKey(view, at, stop) | 0;
        guesses[member] = key = this.#key;
      }
      if (next >= stop) return FAIL;
      let lead = view.getUint8(next);
      if (lead <= 0x20) {
        next = skipSpace(view, next, stop) | 0;
        if (next >= stop) return FAIL;
        lead = view.getUint8(next);
      }
      let kind: number = KIND.number;
      let start = next;
      let after = 0;
      if (lead === QUOTE) {
        start = (next + 1) | 0;
        next = this.#text(view, start, stop) | 0;
        kind = KIND.text;
        if (next < 0) {
          next = ~next;
          kind = KIND.escapedText;
        }
        after = (next + 1) | 0;
      } else if (lead <= 0x39) after = next = this.#numerals.read(view, next, stop) | 0;
      else {
        after = next = this.#wordOrNested(view, next, stop) | 0;
        kind = this.#kind | 0;
      }
      if (key !== NO_KEY) {
        const slot = key * SLOT;
        slots[slot] = kind;
        slots[slot + 1] = start;
        slots[slot + 2] = next;
        if (kind === KIND.number) this.#numbers[key] = this.#numerals.value;
      }
      if (after >= stop) return FAIL;
      let byte = view.getUint8(after);
      if (byte <= 0x20) {
        after = skipSpace(view, after, stop) | 0;
        if (after >= stop) return FAIL;
        byte = view.getUint8(after);
      }
      at = (after + 1) | 0;
      if (byte !== COMMA) {
        return byte === CLOSE_OBJECT ? skipSpace(view, at, end) : FAIL;
      }
    }
    return FAIL;
  }

  /** What stands under the key with this index. */
  kind(key: number): number {
    return this.#slots[key * SLOT] ?? KIND.absent;
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

  /**
   * Reads a key and its colon where `#key` does not stand, or not at once; leaves the key's index in `#key` and returns the
   * position after the colon.
   */
  #strangeKey(view: DataView, at: number, end: number): number {
    const open = skipSpace(view, at, end);
    if (open >= end || view.getUint8(open) !== QUOTE) return FAIL;
    if (open > at && this.#key !== NO_KEY) {
      const after = this.#keys.skip(view, open, this.#key);
      if (after > open) return after;
    }
    this.#key = NO_KEY;
    const close = this.#text(view, open + 1, end);
    // An escaped key may be a known one in disguise.
    if (close < 0 || close >= end) return FAIL;
    this.#key = this.#keys.find(view, open, close);
    const colon = skipSpace(view, close + 1, end);
    return colon < end && view.getUint8(colon) === COLON ? colon + 1 : FAIL;
  }

  /** Reads any value for its grammar alone. */
  #value(view: DataView, at: number, end: number): number {
    if (at >= end) return FAIL;
    const lead = view.getUint8(at);
    if (lead === QUOTE) return plainEnd(this.#text(view, at + 1, end)) + 1;
    return lead <= 0x39 ? this.#numerals.read(view, at, end) : this.#wordOrNested(view, at, end);
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

  /** The position of the quote that closes the text whose first byte is at `start`, its complement if there are escapes. */
  #text(view: DataView, start: number, end: number): number {
    const last = (end - 4) | 0;
    let at = start | 0;
    while (at <= last) {
      const word = view.getInt32(at, true);
      // Sets the top bit of every byte that is a quote, a backslash, below 0x20 or above 0x7f; of higher bytes than the
      // first such one it may set too many, so only the lowest is looked at.
      const marks =
        ((word - 0x20202020) | ((word ^ 0x22222222) - 0x01010101) | ((word ^ 0x5c5c5c5c) - 0x01010101) | word) &
        0x80808080;
      if (marks === 0) {
        at = (at + 4) | 0;
        continue;
      }
      at = (at + ((31 - Math.clz32(marks & -marks)) >> 3)) | 0;
      const byte = view.getUint8(at);
      if (byte === QUOTE) return at;
      if (byte < 0x80) break;
      at = skipMultibyte(view, at, end) | 0;
    }
    return this.#oddText(view, at, end);
  }

  /** `#text` byte by byte, from an escape on or near the end. */
  #oddText(view: DataView, start: number, end: number): number {
    let hasEscapes = false;
    let at = start;
    while (at < end) {
      const byte = view.getUint8(at);
      if (byte === QUOTE) return hasEscapes ? ~at : at;
      hasEscapes ||= byte === BACKSLASH;
      at = skipUnusual(view, at, end);
    }
    return FAIL;
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
    const colon = skipSpace(view, plainEnd(this.#text(view, at + 1, end)) + 1, end);
    return colon < end && view.getUint8(colon) === COLON ? skipSpace(view, colon + 1, end) : FAIL;
  }
}

/** The closing quote that `#text` tells, escapes or not. */
function plainEnd(close: number): number {
  return close < 0 ? ~close : close;
}

/** The position after one character, which may be an escape or not ASCII; `FAIL` for a control character. */
function skipUnusual(view: DataView, at: number, end: number): number {
  const byte = view.getUint8(at);
  if (byte >= 0x80) return skipMultibyte(view, at, end);
  if (byte < 0x20) return FAIL;
  return byte === BACKSLASH ? skipEscape(view, at, end) : at + 1;
}
