/** Names of categories or regions as small numbers, read from bytes where they lie. */
import { murmur3 } from "./hash.ts";

/** Name that stands for all names beyond a table's capacity. */
export const OTHER = "__other__";

/** Id of `OTHER` in every table. */
export const OTHER_ID = 0;

/** Returned by `NameTable.intern` for bytes that are no usable name. */
export const NO_NAME = -1;

/** What a `NameTable` may hold and what it holds from the start. */
export interface NameTableOptions {
  /** Most names beside `OTHER` and the reserved ones; the names after that many become `OTHER`. */
  readonly capacity: number;
  /** Names that are there from the start and count against no capacity. @default [] */
  readonly reserved?: readonly string[];
  /** Names admitted already, oldest first, such as those the store holds. @default [] */
  readonly admitted?: Iterable<string>;
}

/** Longest usable name in bytes; a name's bytes lie in one slot of this size, zero-padded. */
const SLOT_BYTES = 128;

/**
 * Gives every usable name a dense id by order of arrival: `OTHER`, the reserved, the admitted, then first come.
 *
 * A usable name has 1 to 128 bytes, which the caller knows to be UTF-8, and no control character.
 * Open addressing over a hash of the bytes, at most half full; equal hashes are told apart by the bytes.
 *
 * Cost: `intern` allocates nothing but the string of a name seen for the first time; about 180 bytes of memory a name of
 * capacity.
 */
export class NameTable {
  readonly #limit: number;
  readonly #names: string[] = [];
  readonly #bytes: DataView;
  readonly #lengths: Uint8Array;
  readonly #hashes: Uint32Array;
  /** Id + 1 by place, 0 where free. */
  readonly #places: Uint16Array;
  readonly #mask: number;
  #overflowed = 0;

  /** @throws {RangeError} when capacity is not 1 to 30,000 or a name given is not usable. */
  constructor(options: NameTableOptions) {
    const { capacity, reserved = [], admitted = [] } = options;
    if (!(Number.isInteger(capacity) && capacity >= 1 && capacity <= 30_000)) {
      throw new RangeError(`Cannot create name table: capacity must be a whole number in 1-30000, got ${capacity}`);
    }
    this.#limit = 1 + reserved.length + capacity;
    this.#bytes = new DataView(new ArrayBuffer(this.#limit * SLOT_BYTES));
    this.#lengths = new Uint8Array(this.#limit);
    this.#hashes = new Uint32Array(this.#limit);
    this.#mask = 2 ** Math.ceil(Math.log2(2 * this.#limit)) - 1;
    this.#places = new Uint16Array(this.#mask + 1);
    for (const name of [OTHER, ...reserved, ...admitted]) this.#admit(name);
    this.#overflowed = 0; // Names given beyond capacity are no traffic.
  }

  /** Number of ids given out, `OTHER` and the reserved ones included; ids are 0 to `size` - 1. */
  get size(): number {
    return this.#names.length;
  }

  /** How often a name beyond capacity was answered with `OTHER_ID` since the table was created. */
  get overflowed(): number {
    return this.#overflowed;
  }

  /** The name of an id. @throws {RangeError} when the id was never given out. */
  nameOf(id: number): string {
    const name = this.#names[id];
    if (name === undefined) throw new RangeError(`Cannot name id: ids are 0 to ${this.size - 1}, got ${id}`);
    return name;
  }

  /** The id of the name in bytes `[start, end)`, `OTHER_ID` beyond capacity, `NO_NAME` if it is not usable. */
  intern(view: DataView, start: number, end: number): number {
    const length = end - start;
    if (length < 1 || length > SLOT_BYTES) return NO_NAME;
    const hash = murmur3(view, start, end);
    let place = hash & this.#mask;
    for (;; place = (place + 1) & this.#mask) {
      const id = (this.#places[place] ?? 0) - 1;
      if (id < 0) break;
      if (this.#hashes[id] === hash && this.#lengths[id] === length && this.#holds(id, view, start)) return id;
    }
    return hasControl(view, start, end) ? NO_NAME : this.#add(view, { start, end }, place);
  }

  /** `intern` of text; what is not well-formed counts as U+FFFD. Cost: one allocation. */
  internText(text: string): number {
    const bytes = new TextEncoder().encode(text);
    return this.intern(new DataView(bytes.buffer), 0, bytes.length);
  }

  #admit(name: string): void {
    if (this.internText(name) === NO_NAME) {
      throw new RangeError(
        `Cannot admit name: it must have 1-128 bytes and no control character, got ${JSON.stringify(name)}`,
      );
    }
  }

  #holds(id: number, view: DataView, start: number): boolean {
    const slot = id * SLOT_BYTES;
    const length = this.#lengths[id] ?? 0;
    let at = 0;
    for (; at + 4 <= length; at += 4) {
      if (view.getInt32(start + at) !== this.#bytes.getInt32(slot + at)) return false;
    }
    for (; at < length; at++) {
      if (view.getUint8(start + at) !== this.#bytes.getUint8(slot + at)) return false;
    }
    return true;
  }

  #add(view: DataView, bytes: { readonly start: number; readonly end: number }, place: number): number {
    const id = this.#names.length;
    if (id === this.#limit) {
      this.#overflowed++;
      return OTHER_ID;
    }
    const { start, end } = bytes;
    for (let at = start; at < end; at++) this.#bytes.setUint8(id * SLOT_BYTES + at - start, view.getUint8(at));
    this.#lengths[id] = end - start;
    this.#hashes[id] = murmur3(view, start, end);
    this.#places[place] = id + 1;
    this.#names.push(
      new TextDecoder("utf-8", { ignoreBOM: true }).decode(
        new Uint8Array(view.buffer, view.byteOffset + start, end - start),
      ),
    );
    return id;
  }
}

/** Whether UTF-8 text has a character of U+0000-001F or U+007F-009F. */
function hasControl(view: DataView, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = view.getUint8(at);
    if (byte < 0x20 || byte === 0x7f) return true;
    if (byte === 0xc2 && at + 1 < end && view.getUint8(at + 1) < 0xa0) return true;
  }
  return false;
}
