/** Numbers of JSON read where their bytes lie. */
import { powerOfTen, scaled } from "./decimal.ts";
import { FAIL } from "./json_bytes.ts";

/** Digits of one half of a mantissa; both halves stay small integers. */
const HALF_DIGITS = 9;

const MINUS = 0x2d;
const POINT = 0x2e;

/**
 * Reads numerals, as strict as `JSON.parse` and to the same double.
 *
 * Sums are cut to 32 bits (`| 0`) as in `JsonScanner`.
 */
export class NumeralReader {
  /** The double last read, in an array for want of a field that holds one unboxed. */
  readonly #value = new Float64Array(1);
  #head = 0;
  #tail = 0;
  #digits = 0;

  /** The double that was read last, NaN where only its text tells the nearest one. */
  get value(): number {
    return this.#value[0] ?? NaN;
  }

  /** The position after the numeral at `start`, or `FAIL`; here those of a few digits and perhaps a point. */
  read(view: DataView, start: number, end: number): number {
    const first = view.getUint8(start) === MINUS ? (start + 1) | 0 : start | 0;
    const limit = Math.min(end, (first + HALF_DIGITS + 2) | 0) | 0;
    let at = first | 0;
    let fraction = 0;
    let mantissa = 0;
    for (; at < limit; at = (at + 1) | 0) {
      const byte = view.getUint8(at);
      if (byte >= 0x30 && byte <= 0x39) mantissa = (Math.imul(mantissa, 10) + byte - 0x30) | 0;
      else if (byte === POINT && fraction === 0) fraction = (at + 1) | 0;
      else break;
    }
    const digits = at - first - (fraction === 0 ? 0 : 1);
    if (at === limit || digits > HALF_DIGITS || fraction === at || (view.getUint8(at) | 0x20) === 0x65) {
      return this.#readLong(view, start, end);
    }
    const whole = fraction === 0 ? digits : fraction - first - 1;
    if (whole === 0 || (whole > 1 && view.getUint8(first) === 0x30)) return FAIL;
    const magnitude = fraction === 0 ? mantissa : mantissa / powerOfTen(at - fraction);
    this.#value[0] = first === start ? magnitude : -magnitude;
    return at;
  }

  /** `read` for any numeral. */
  #readLong(view: DataView, start: number, end: number): number {
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
    this.#value[0] = negative ? -magnitude : magnitude;
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
