/** What a decoder of the LZ77 family has made so far: literals, and copies of what stands further back. */

/** Below this a loop is quicker than a call of the engine's copy. */
const SHORT_BYTES = 24;

/** Bytes that grow to at most `maxBytes`; everything that would go past that, or before the start, is refused. */
export class Unpacked {
  readonly #maxBytes: number;
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  /** `expectedBytes` is reserved at once, as far as the bound allows. */
  constructor(expectedBytes: number, maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#bytes = new Uint8Array(Math.min(expectedBytes, maxBytes));
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Bytes made so far. */
  get length(): number {
    return this.#length;
  }

  /** The bytes made so far, not copied. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /**
   * Appends bytes as they stand in the source.
   *
   * @throws {SyntaxError} when the source or the room ends first.
   */
  literal(source: DataView, at: number, count: number): void {
    if (count > source.byteLength - at) throw new SyntaxError(`Cannot unpack: literal at byte ${at} is cut off`);
    this.#reserve(count);
    const to = this.#length;
    if (count > SHORT_BYTES) {
      this.#bytes.set(new Uint8Array(source.buffer, source.byteOffset + at, count), to);
    } else {
      for (let index = 0; index < count; index++) this.#bytes[to + index] = source.getUint8(at + index);
    }
    this.#length = to + count;
  }

  /**
   * Appends a copy of `count` bytes that begin `distance` back; they may run into the copy itself.
   *
   * @throws {SyntaxError} when that is before the start, or the room ends first.
   */
  match(distance: number, count: number): void {
    const to = this.#length;
    if (distance < 1 || distance > to) {
      throw new SyntaxError(`Cannot unpack: distance ${distance} at ${to} is impossible`);
    }
    this.#reserve(count);
    const from = to - distance;
    if (count > SHORT_BYTES && distance >= count) {
      this.#bytes.copyWithin(to, from, from + count);
    } else {
      for (let index = 0; index < count; index++) this.#bytes[to + index] = this.#view.getUint8(from + index);
    }
    this.#length = to + count;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    if (needed > this.#maxBytes) throw new SyntaxError(`Cannot unpack: more than ${this.#maxBytes} bytes`);
    const grown = new Uint8Array(Math.min(Math.max(2 * this.#bytes.length, needed), this.#maxBytes));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
