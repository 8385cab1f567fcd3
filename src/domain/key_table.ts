/** Finds which of a few known keys stands at a place, by its bytes. */

/** Returned by `KeyTable` when a key is none of the known ones. */
export const NO_KEY = -1;

/** Most keys of a table; two for every field of a transaction leave room. */
export const MAX_KEYS = 30;

/** Twice as many as keys, so that a search is short. */
const PLACES = 64;

/** Bytes of a slot before those of `"key":`. */
const HEADER = 8;

/** Bytes of `"key":` around the key. */
const AROUND = 3;

/**
 * Known keys by length and first four bytes; the rest is compared word by word, quotes and colon included.
 *
 * A key that JSON must write with an escape is never found: its reader meets the escape first and does not ask.
 */
export class KeyTable {
  /** A slot for each key: the bytes of `"key":` counted, the bits of its last word in use, and these bytes zero-padded. */
  readonly #slots: DataView;
  readonly #slotBytes: number;
  /** Key + 1 by place, 0 where free. */
  readonly #places = new Uint8Array(PLACES);

  /** @throws {RangeError} when there are more than `MAX_KEYS` keys. */
  constructor(keys: readonly string[]) {
    if (keys.length > MAX_KEYS) {
      throw new RangeError(`Cannot create key table: at most ${MAX_KEYS} keys, got ${keys.length}`);
    }
    const encoded = keys.map((key) => new TextEncoder().encode(`"${key}":`));
    this.#slotBytes = Math.max(0, ...encoded.map((bytes) => HEADER + Math.ceil(bytes.length / 8) * 8));
    this.#slots = new DataView(new ArrayBuffer(keys.length * this.#slotBytes));
    encoded.forEach((bytes, index) => {
      const slot = index * this.#slotBytes;
      this.#slots.setInt32(slot, bytes.length, true);
      this.#slots.setInt32(slot + 4, -1 >>> (32 - 8 * (bytes.length % 4 || 4)), true);
      bytes.forEach((byte, at) => this.#slots.setUint8(slot + HEADER + at, byte));
      this.#place(index);
    });
  }

  /**
   * The position after `"key":` if that stands at `at`, for the key with this index, else `at`.
   *
   * It may read past the end of a record that is cut short; a caller notices by the position. In the last bytes of `view`,
   * where no whole member can stand, the answer is `at`.
   */
  skip(view: DataView, at: number, index: number): number {
    const slots = this.#slots;
    const slot = Math.imul(index, this.#slotBytes);
    const length = slots.getInt32(slot, true);
    if (((at + length) | 0) > ((view.byteLength - 6) | 0)) return at;
    const shift = (slot + HEADER - at) | 0;
    const last = (at + ((length - 1) & ~3)) | 0;
    for (let next = at | 0; next < last; next = (next + 4) | 0) {
      if (view.getInt32(next, true) !== slots.getInt32((next + shift) | 0, true)) return at;
    }
    const difference = view.getInt32(last, true) ^ slots.getInt32((last + shift) | 0, true);
    return (difference & slots.getInt32((slot + 4) | 0, true)) === 0 ? (at + length) | 0 : at;
  }

  /** Index of the key whose quotes are at `open` and `close`, or `NO_KEY`. */
  find(view: DataView, open: number, close: number): number {
    const length = close - open - 1 + AROUND;
    for (let place = placeOf(view, open, length);; place = (place + 1) % PLACES) {
      const index = (this.#places[place] ?? 0) - 1;
      if (index < 0) return NO_KEY;
      if (this.#slots.getInt32(index * this.#slotBytes, true) === length && this.#holds(view, open, index)) {
        return index;
      }
    }
  }

  /** Whether the key is the one with this index, given that it is as long: the colon may stand after white space. */
  #holds(view: DataView, open: number, index: number): boolean {
    const slot = index * this.#slotBytes;
    for (let byte = this.#slots.getInt32(slot, true) - AROUND; byte > 0; byte--) {
      if (view.getUint8(open + byte) !== this.#slots.getUint8(slot + HEADER + byte)) return false;
    }
    return true;
  }

  #place(index: number): void {
    const slot = index * this.#slotBytes;
    let place = placeOf(this.#slots, slot + HEADER, this.#slots.getInt32(slot, true));
    while (this.#places[place] !== 0) place = (place + 1) % PLACES;
    this.#places[place] = index + 1;
  }
}

/** Where the search for a key begins whose opening quote is at `open` and which makes `length` bytes of `"key":`. */
function placeOf(view: DataView, open: number, length: number): number {
  let head = length;
  for (let byte = Math.min(4, length - AROUND); byte > 0; byte--) head = head * 33 + view.getUint8(open + byte) | 0;
  return Math.imul(head, 0x9e3779b1) >>> 26;
}
