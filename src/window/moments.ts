/**
 * Count, sum, extremes and spread of amounts.
 *
 * I1. The result depends on the order of `add` and `merge` calls only through floating-point rounding, and the callers
 *     fix that order: records in log order, panes oldest first, partitions in order. So equal logs give equal bits.
 */

/** Moments as plain data. Shape: amounts in the event's currency unit; `mean` and `m2` are 0 when `count` is 0. */
export interface MomentsData {
  readonly count: number;
  readonly sum: number;
  /** Infinity when `count` is 0. */
  readonly min: number;
  /** −Infinity when `count` is 0. */
  readonly max: number;
  readonly mean: number;
  /** Sum of squared deviations from the mean. */
  readonly m2: number;
  readonly fraudCount: number;
  readonly fraudSum: number;
}

/** What moments are made of. */
export interface AmountColumns {
  readonly amounts: Float64Array;
  /** 0: no fraud. */
  readonly frauds: Uint8Array;
}

/**
 * Moments of one pane, fed in runs of records.
 *
 * Deviations are summed around the first amount, so that large amounts close together lose no digits.
 *
 * Source: Chan, Golub & LeVeque 1983, shifted data algorithm.
 */
export class PaneMoments {
  count = 0;
  #sum = 0;
  #min = Infinity;
  #max = -Infinity;
  #shift = 0;
  #deviation = 0;
  #squares = 0;
  #fraudCount = 0;
  #fraudSum = 0;

  /** Adds the amounts in rows `[from, to)`, in order. Sums are kept in local variables on the way: it is a hot loop. */
  add({ amounts, frauds }: AmountColumns, from: number, to: number): void {
    if (this.count === 0) this.#shift = amounts[from] ?? 0;
    const shift = this.#shift;
    let sum = this.#sum, min = this.#min, max = this.#max, totalDeviation = this.#deviation, squares = this.#squares;
    for (let row = from; row < to; row++) {
      const amount = amounts[row] ?? 0, deviation = amount - shift;
      sum += amount;
      totalDeviation += deviation;
      squares += deviation * deviation;
      if (amount < min) min = amount;
      if (amount > max) max = amount;
      if (frauds[row] !== 0) this.#addFraud(amount);
    }
    this.count += to - from;
    this.#sum = sum;
    this.#min = min;
    this.#max = max;
    this.#deviation = totalDeviation;
    this.#squares = squares;
  }

  #addFraud(amount: number): void {
    this.#fraudCount++;
    this.#fraudSum += amount;
  }

  /** The moments so far. */
  data(): MomentsData {
    const { count } = this;
    if (count === 0) return NO_MOMENTS;
    return {
      count,
      sum: this.#sum,
      min: this.#min,
      max: this.#max,
      mean: this.#shift + this.#deviation / count,
      m2: Math.max(0, this.#squares - this.#deviation * this.#deviation / count),
      fraudCount: this.#fraudCount,
      fraudSum: this.#fraudSum,
    };
  }
}

/** Moments of nothing. */
export const NO_MOMENTS: MomentsData = Object.freeze({
  count: 0,
  sum: 0,
  min: Infinity,
  max: -Infinity,
  mean: 0,
  m2: 0,
  fraudCount: 0,
  fraudSum: 0,
});

/**
 * The moments of two disjoint sets of amounts.
 *
 * Source: Chan, Golub & LeVeque 1979, pairwise update.
 */
export function mergeMoments(a: MomentsData, b: MomentsData): MomentsData {
  if (b.count === 0) return a;
  if (a.count === 0) return b;
  const count = a.count + b.count;
  const delta = b.mean - a.mean;
  return {
    count,
    sum: a.sum + b.sum,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    mean: a.mean + delta * (b.count / count),
    m2: a.m2 + b.m2 + delta * delta * (a.count * b.count / count),
    fraudCount: a.fraudCount + b.fraudCount,
    fraudSum: a.fraudSum + b.fraudSum,
  };
}

/** Standard deviation of the population; undefined for no amounts. */
export function stddevOf(moments: MomentsData): number | undefined {
  return moments.count === 0 ? undefined : Math.sqrt(moments.m2 / moments.count);
}
