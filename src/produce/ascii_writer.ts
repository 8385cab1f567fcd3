/**
 * Writes ASCII text into shared buffers.
 *
 * A typed array of its own costs 1 µs a value, more than writing the value does: so values are views of chunks.
 * I1. Bytes once taken are never written again.
 */

const CHUNK_BYTES = 65_536;
const ZERO = 48, MINUS = 45, POINT = 46;
const HEX_DIGITS = new TextEncoder().encode("0123456789abcdef");

/** Collects one value after another. */
export class AsciiWriter {
  readonly #valueBytesMax: number;
  #chunk = new Uint8Array(CHUNK_BYTES);
  #from = 0;
  #at = 0;

  /** A writer of values of at most `valueBytesMax` bytes. */
  constructor(valueBytesMax: number) {
    if (!(valueBytesMax > 0 && valueBytesMax <= CHUNK_BYTES)) {
      throw new RangeError(`Cannot create writer: valueBytesMax must be 1 to ${CHUNK_BYTES}, got ${valueBytesMax}`);
    }
    this.#valueBytesMax = valueBytesMax;
  }

  /**
   * The value written since the last take, as a view of a buffer it shares with its neighbours.
   *
   * @throws {RangeError} when more than `valueBytesMax` bytes were written.
   */
  take(): Uint8Array {
    const size = this.#at - this.#from;
    if (size > this.#valueBytesMax) {
      throw new RangeError(`Cannot take value: ${size} bytes, at most ${this.#valueBytesMax}`);
    }
    const value = this.#chunk.subarray(this.#from, this.#at);
    this.#from = this.#at;
    if (this.#from + this.#valueBytesMax > CHUNK_BYTES) {
      this.#chunk = new Uint8Array(CHUNK_BYTES);
      this.#from = this.#at = 0;
    }
    return value;
  }

  /** Bytes as they are. */
  bytes(bytes: Uint8Array): void {
    this.#chunk.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** The last `width` decimal digits of a whole number from 0 on. */
  digits(value: number, width: number): void {
    const chunk = this.#chunk, from = this.#at;
    let rest = value;
    for (let index = from + width - 1; index >= from; index--) {
      const next = Math.floor(rest / 10);
      chunk[index] = ZERO + rest - next * 10;
      rest = next;
    }
    this.#at = from + width;
  }

  /** `scaled / 10^places`, in the digits that `JSON.stringify` would write; both are whole numbers. */
  decimal(scaled: number, places: number): void {
    let rest = Math.abs(scaled);
    let left = places;
    for (; left > 0 && rest % 10 === 0; left--) rest /= 10;
    if (scaled < 0) this.#chunk[this.#at++] = MINUS;
    const unit = 10 ** left;
    const whole = Math.floor(rest / unit);
    this.digits(whole, digitCount(whole));
    if (left === 0) return;
    this.#chunk[this.#at++] = POINT;
    this.digits(rest - whole * unit, left);
  }

  /** The lowest `width` hexadecimal digits of 32 bits. */
  hex(bits: number, width: number): void {
    const chunk = this.#chunk, end = this.#at + width;
    let rest = bits;
    for (let index = end - 1; index >= this.#at; index--, rest >>>= 4) chunk[index] = HEX_DIGITS[rest & 15] ?? 0;
    this.#at = end;
  }
}

function digitCount(whole: number): number {
  let count = 1;
  for (let limit = 10; whole >= limit; limit *= 10) count++;
  return count;
}
