/** Remembers which records were seen, within a bound. */

/** How much is remembered. */
export interface SeenOffsetsOptions {
  /** Offsets remembered for one partition; beyond that the one seen longest ago is forgotten. */
  readonly capacity: number;
}

/**
 * Offsets seen, by topic and partition.
 *
 * A repeat comes from a replay of what was not committed yet, so it is near its first; one more than `capacity` letters
 * of its partition away passes as new.
 *
 * Cost: about 40 bytes an offset.
 */
export class SeenOffsets {
  readonly #capacity: number;
  readonly #seen = new Map<string, Set<number>>();

  constructor({ capacity }: SeenOffsetsOptions) {
    if (!(capacity >= 1)) throw new RangeError(`Cannot create seen offsets: capacity must be >= 1, got ${capacity}`);
    this.#capacity = capacity;
  }

  /** Remembers an offset; whether it was not remembered already. */
  isNew(topic: string, partition: number, offset: number): boolean {
    const name = `${partition} ${topic}`;
    const seen = this.#seen.get(name) ?? new Set();
    this.#seen.set(name, seen);
    if (seen.has(offset)) return false;
    seen.add(offset);
    if (seen.size > this.#capacity) this.#forgetFirst(seen);
    return true;
  }

  #forgetFirst(seen: Set<number>): void {
    for (const first of seen) {
      seen.delete(first);
      return;
    }
  }
}
