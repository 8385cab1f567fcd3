/**
 * What is usual at each time of a cycle – of the day, or of the week.
 *
 * I1. A slot learns once a visit: the mean of what came while it lasted. So samples a second or an hour apart learn alike.
 * I2. A visit counts by its weight: a mean of few events moves a slot little.
 */

/** A cycle cut into slots. */
export interface SeasonOptions {
  readonly cycleMs: number;
  readonly slots: number;
  /** How far a visit moves a slot, 0 to 1; the first visits move it by 1/1, 1/2, … */
  readonly rate: number;
}

/** A season as plain data. Shape: one number a slot, except those of the visit that has not ended. */
export interface SeasonData {
  readonly sums: readonly number[];
  readonly weights: readonly number[];
  readonly visits: readonly number[];
  /** The slot being visited; −1 before the first. */
  readonly slot: number;
  readonly sum: number;
  readonly weight: number;
}

/** Means by slot. Cost: constant per value. */
export class Season {
  readonly #options: SeasonOptions;
  readonly #sums: number[];
  readonly #weights: number[];
  readonly #visits: number[];
  #slot: number;
  #sum: number;
  #weight: number;

  /** A season that knows nothing, or that of `data`. */
  constructor(options: SeasonOptions, data: SeasonData = emptySeason(options.slots)) {
    if (data.sums.length !== options.slots) {
      throw new RangeError(`Cannot restore season: ${options.slots} slots expected, got ${data.sums.length}`);
    }
    this.#options = options;
    this.#sums = [...data.sums];
    this.#weights = [...data.weights];
    this.#visits = [...data.visits];
    this.#slot = data.slot;
    this.#sum = data.sum;
    this.#weight = data.weight;
  }

  /** What is usual at `timeMs`; undefined when that slot has learnt nothing yet. Ends the visit to another slot. */
  expected(timeMs: number): number | undefined {
    const slot = this.#slotAt(timeMs);
    if (slot !== this.#slot) this.#endVisit(slot);
    return this.peek(timeMs);
  }

  /** What is usual at `timeMs`, without going there. */
  peek(timeMs: number): number | undefined {
    const slot = this.#slotAt(timeMs), weight = this.#weights[slot] ?? 0;
    if (weight > 0) return (this.#sums[slot] ?? 0) / weight;
    return slot === this.#slot && this.#weight > 0 ? this.#sum / this.#weight : undefined;
  }

  /** Learns a value at the time last asked for. */
  learn(value: number, weight: number): void {
    this.#sum += value * weight;
    this.#weight += weight;
  }

  /** A copy as plain data. */
  data(): SeasonData {
    return {
      sums: [...this.#sums],
      weights: [...this.#weights],
      visits: [...this.#visits],
      slot: this.#slot,
      sum: this.#sum,
      weight: this.#weight,
    };
  }

  #slotAt(timeMs: number): number {
    const { cycleMs, slots } = this.#options;
    return Math.floor((timeMs % cycleMs + cycleMs) % cycleMs / cycleMs * slots);
  }

  #endVisit(next: number): void {
    const slot = this.#slot, sum = this.#sum, weight = this.#weight;
    this.#slot = next;
    this.#sum = this.#weight = 0;
    if (slot < 0 || !(weight > 0)) return;
    const visits = (this.#visits[slot] ?? 0) + 1, rate = Math.max(this.#options.rate, 1 / visits);
    const oldSum = this.#sums[slot] ?? 0, oldWeight = this.#weights[slot] ?? 0;
    this.#visits[slot] = visits;
    this.#sums[slot] = oldSum + rate * (sum - oldSum);
    this.#weights[slot] = oldWeight + rate * (weight - oldWeight);
  }
}

function emptySeason(slots: number): SeasonData {
  const zeros = new Array<number>(slots).fill(0);
  return { sums: zeros, weights: zeros, visits: zeros, slot: -1, sum: 0, weight: 0 };
}
