/**
 * How rare a magnitude is among those seen before, the newer counting more.
 *
 * I1. Memory is fixed: 512 counts, one for each eighth of a power of two from 2^−32 to 2^32.
 * I2. Beyond the largest magnitude seen, twice as large is a quarter as likely: rarer than anything seen, still finite.
 *
 * The weight of a new magnitude grows instead of the old ones' being scaled down each time; all is scaled back when it has
 * grown large.
 */

const PER_OCTAVE = 8;
const OCTAVES = 64;
const BINS = OCTAVES * PER_OCTAVE;
const LEAST = 1e-9;
const LARGEST_WEIGHT = 1e12;

/** Counts as plain data. Shape: `bins` holds index and weight in turn, of the bins that are not empty. */
export interface RarityData {
  readonly bins: readonly number[];
  readonly total: number;
  readonly weight: number;
  readonly top: number;
}

/** A decaying histogram of magnitudes. */
export class Rarity {
  readonly #growth: number;
  readonly #bins = new Float64Array(BINS);
  #total = 0;
  #weight = 1;
  #top = 0;

  /** A histogram in which a magnitude counts half after `halfLifeSteps` more. */
  constructor(halfLifeSteps: number, data?: RarityData) {
    if (!(halfLifeSteps > 0)) {
      throw new RangeError(`Cannot create rarity: halfLifeSteps must be > 0, got ${halfLifeSteps}`);
    }
    this.#growth = 2 ** (1 / halfLifeSteps);
    if (data === undefined) return;
    for (let at = 0; at < data.bins.length; at += 2) this.#bins[data.bins[at] ?? 0] = data.bins[at + 1] ?? 0;
    this.#total = data.total;
    this.#weight = data.weight;
    this.#top = data.top;
  }

  /** The probability of a magnitude of this size or more, in (0, 1]. */
  probability(magnitude: number): number {
    const index = binOf(magnitude), all = this.#total + this.#weight;
    if (index > this.#top) return 0.5 * this.#weight / all * 2 ** (-2 * (index - this.#top) / PER_OCTAVE);
    let above = 0;
    for (let at = index; at < BINS; at++) above += this.#bins[at] ?? 0;
    return Math.min(1, (above + 0.5 * this.#weight) / all);
  }

  /** The magnitude that a share `share` of those seen stays below; undefined before the first. */
  quantile(share: number): number | undefined {
    if (this.#total === 0) return undefined;
    let above = this.#total * (1 - share), index = BINS - 1;
    for (; index > 0; index--) {
      above -= this.#bins[index] ?? 0;
      if (above <= 0) break;
    }
    return 2 ** (index / PER_OCTAVE - OCTAVES / 2);
  }

  /** Counts a magnitude. */
  add(magnitude: number): void {
    const index = binOf(magnitude);
    this.#top = Math.max(this.#top, index);
    this.#bins[index] = (this.#bins[index] ?? 0) + this.#weight;
    this.#total += this.#weight;
    this.#weight *= this.#growth;
    if (this.#weight > LARGEST_WEIGHT) this.#scaleBack();
  }

  /** A copy as plain data. */
  data(): RarityData {
    const bins: number[] = [];
    this.#bins.forEach((weight, index) => weight > 0 && bins.push(index, weight));
    return { bins, total: this.#total, weight: this.#weight, top: this.#top };
  }

  #scaleBack(): void {
    for (let index = 0; index < BINS; index++) this.#bins[index] = (this.#bins[index] ?? 0) / this.#weight;
    this.#total /= this.#weight;
    this.#weight = 1;
  }
}

function binOf(magnitude: number): number {
  const index = Math.round((Math.log2(Math.max(magnitude, LEAST)) + OCTAVES / 2) * PER_OCTAVE);
  return Math.min(BINS - 1, Math.max(0, index));
}
