/** Notices when the amounts of a category are in more than one currency: they are summed all the same. */

/** Remembers the first currency of each category. */
export class Currencies {
  /** By category id; 0: none seen yet. */
  #firsts = new Uint32Array(16);
  #mixed = 0;

  /** How many events were in another currency than the first of their category. */
  get mixed(): number {
    return this.#mixed;
  }

  /** Takes note of an event's currency, a number that stands for its code; 0 when it has none. */
  see(categoryId: number, currency: number): void {
    if (currency === 0) return;
    const first = this.#firsts[categoryId] ?? 0;
    if (first === currency) return;
    if (first === 0) this.#setFirst(categoryId, currency);
    else this.#mixed++;
  }

  #setFirst(categoryId: number, currency: number): void {
    if (categoryId >= this.#firsts.length) {
      const grown = new Uint32Array(2 * (categoryId + 1));
      grown.set(this.#firsts);
      this.#firsts = grown;
    }
    this.#firsts[categoryId] = currency;
  }
}
