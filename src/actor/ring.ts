/**
 * A first-in first-out queue on a power-of-two array.
 *
 * I1. The array never shrinks and never has room for more than twice the peak.
 * I2. A slot that was taken holds no reference.
 */

const FIRST_SLOTS = 8;

/** A queue without a bound of its own; its owner keeps one. */
export class Ring<T> {
  #slots: (T | undefined)[] = [];
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Appends. */
  push(item: T): void {
    if (this.#size === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#size) & (this.#slots.length - 1)] = item;
    this.#size++;
  }

  /** Removes the oldest. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#size--;
    return item;
  }

  /** Makes the item `index` places behind the oldest the oldest; the oldest takes its place. */
  promote(index: number): void {
    const at = (this.#head + index) & (this.#slots.length - 1);
    const item = this.#slots[at];
    this.#slots[at] = this.#slots[this.#head];
    this.#slots[this.#head] = item;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Array(Math.max(FIRST_SLOTS, old.length * 2));
    for (let index = 0; index < this.#size; index++) {
      this.#slots[index] = old[(this.#head + index) & (old.length - 1)];
    }
    this.#head = 0;
  }
}
