/**
 * Counts by key that can be added to, without an object for each key.
 *
 * Keys and counts stand one after another, so that going over them is quick; a hash table of 16-bit numbers says where.
 */
import type { KeyCounts } from "./key_counts.ts";

/** Room for so many keys at first. */
const CAPACITY = 8;
/** 2³² over the golden ratio: spreads keys whose upper bits are alike. */
const SCRAMBLE = 0x9e3779b1 | 0;

/**
 * Counts up to 30,000 keys.
 *
 * Shape: a key is an unsigned 32-bit hash, never 0; a count stays below 2³².
 * Cost: counting a key about 5 ns. Memory: 12 bytes for each key there is room for, which is up to twice as many.
 */
export class KeyTable {
  /** From 1 on: 0 stands for no place. There is room for one key more than the slots are for, to find that it is too many. */
  #keys = new Int32Array(CAPACITY + 2);
  #counts = new Uint32Array(CAPACITY + 2);
  #size = 0;
  #places = new Uint16Array(2 * CAPACITY);
  /** 32 less the bits of a slot: slots are the upper bits of a scrambled key. */
  #shift = 28;

  /** How many keys there are. */
  get size(): number {
    return this.#size;
  }

  /** Their counts, in no order. */
  get counts(): Uint32Array {
    return this.#counts.subarray(1, this.#size + 1);
  }

  /**
   * Counts the keys in rows `[from, to)` but for 0, which stands for none, until there are more than `most` keys.
   *
   * Shape: the row after the last one counted.
   */
  addAll(rows: Uint32Array, from: number, { to, most }: { readonly to: number; readonly most: number }): number {
    let keys = this.#keys, counts = this.#counts, places = this.#places, mask = places.length - 1, shift = this.#shift;
    for (let row = from; row < to; row++) {
      const bits = (rows[row] ?? 0) | 0;
      if (bits === 0) continue;
      let slot = Math.imul(bits, SCRAMBLE) >>> shift, place = places[slot] ?? 0;
      while (place !== 0 && keys[place] !== bits) {
        slot = (slot + 1) & mask;
        place = places[slot] ?? 0;
      }
      if (place !== 0) {
        counts[place] = (counts[place] ?? 0) + 1;
        continue;
      }
      this.#append(slot, bits, 1);
      if (this.#size > most) return row + 1;
      if (!this.#isOver) continue;
      this.#grow();
      keys = this.#keys, counts = this.#counts, places = this.#places, mask = places.length - 1, shift = this.#shift;
    }
    return to;
  }

  /** Takes over counts of keys, of which it must have none yet. */
  fill({ keys, counts }: KeyCounts): void {
    for (let index = 0; index < keys.length; index++) {
      const bits = (keys[index] ?? 0) | 0;
      this.#append(this.#slotOf(bits), bits, counts[index] ?? 0);
      if (this.#isOver) this.#grow();
    }
  }

  /** Lessens every count and forgets the keys that have nothing left then. */
  lessen(cut: number): void {
    const keys = this.#keys, counts = this.#counts, size = this.#size;
    let kept = 0;
    for (let place = 1; place <= size; place++) {
      const count = counts[place] ?? 0;
      if (count <= cut) continue;
      keys[++kept] = keys[place] ?? 0;
      counts[kept] = count - cut;
    }
    this.#shorten(kept);
  }

  /** Forgets the keys that are not below 2 to the power of `bits`. */
  keepBelow(bits: number): void {
    const keys = this.#keys, counts = this.#counts, size = this.#size;
    let kept = 0;
    for (let place = 1; place <= size; place++) {
      const key = keys[place] ?? 0;
      if (key >>> bits !== 0) continue;
      keys[++kept] = key;
      counts[kept] = counts[place] ?? 0;
    }
    this.#shorten(kept);
  }

  /** A copy as plain data. */
  data(): KeyCounts {
    const keys = Uint32Array.from(this.#keys.subarray(1, this.#size + 1)).sort();
    const counts = new Float64Array(keys.length);
    for (let index = 0; index < keys.length; index++) {
      counts[index] = this.#counts[this.#places[this.#slotOf((keys[index] ?? 0) | 0)] ?? 0] ?? 0;
    }
    return { keys, counts };
  }

  get #isOver(): boolean {
    return this.#size > this.#keys.length - 2;
  }

  #append(slot: number, bits: number, count: number): void {
    const place = this.#size + 1;
    this.#keys[place] = bits;
    this.#counts[place] = count;
    this.#places[slot] = place;
    this.#size = place;
  }

  #grow(): void {
    const capacity = 2 * (this.#keys.length - 2);
    const keys = new Int32Array(capacity + 2), counts = new Uint32Array(capacity + 2);
    keys.set(this.#keys);
    counts.set(this.#counts);
    this.#keys = keys;
    this.#counts = counts;
    this.#places = new Uint16Array(2 * capacity);
    this.#shift--;
    this.#index();
  }

  #shorten(size: number): void {
    this.#size = size;
    this.#places.fill(0);
    this.#index();
  }

  #index(): void {
    const keys = this.#keys, size = this.#size;
    for (let place = 1; place <= size; place++) this.#places[this.#slotOf(keys[place] ?? 0)] = place;
  }

  /** The slot of a key, or the one that it would take. */
  #slotOf(bits: number): number {
    const keys = this.#keys, places = this.#places, mask = places.length - 1;
    let slot = Math.imul(bits, SCRAMBLE) >>> this.#shift, place = places[slot] ?? 0;
    while (place !== 0 && keys[place] !== bits) {
      slot = (slot + 1) & mask;
      place = places[slot] ?? 0;
    }
    return slot;
  }
}
