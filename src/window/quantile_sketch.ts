/**
 * Quantiles of amounts with a proven relative error, of any sign and size.
 *
 * A bucket is a sixty-fourth of a power of two: the sign, the exponent and the top six bits of the fraction of the
 * double are its number, so finding it takes a shift and no logarithm. Its width is at most 1/64 of its lower bound, so
 * its middle is within 1/128 (0.79 %) of every amount in it.
 *
 * I1. Buckets never collapse; a count is exact. Merging adds counts: commutative and associative to the bit.
 * I2. Zeros and subnormals (|x| < 2⁻¹⁰²²) are counted as 0.
 *
 * Cost: `add` about 5 ns; memory 512 bytes for each power of two touched, 2 × 2,046 of them at most.
 * Source: the bucket layout of HdrHistogram (log-linear), over the bits of an IEEE 754 double.
 */

/** A sketch as plain data that can cross threads. */
export interface QuantileSketchData {
  readonly zeros: number;
  /** Sign and exponent of each page: the top 12 bits of the double. */
  readonly octaves: Uint16Array;
  /** 64 counts a page, in the order of `octaves`. */
  readonly counts: Float64Array;
}

const BUCKETS = 64;
const POSITIVE = 0x800;

/** The sketch of nothing. */
export const NO_AMOUNTS: QuantileSketchData = Object.freeze({
  zeros: 0,
  octaves: new Uint16Array(),
  counts: new Float64Array(),
});

/** The counts of both sketches. */
export function mergeQuantiles(a: QuantileSketchData, b: QuantileSketchData): QuantileSketchData {
  const octaves = Uint16Array.from(new Set([...a.octaves, ...b.octaves]))
    .sort((one, other) => (one ^ POSITIVE) - (other ^ POSITIVE)); // Negative pages first.
  const counts = new Float64Array(octaves.length * BUCKETS);
  for (const part of [a, b]) {
    part.octaves.forEach((octave, index) => {
      const to = octaves.indexOf(octave) * BUCKETS, from = index * BUCKETS;
      for (let bucket = 0; bucket < BUCKETS; bucket++) {
        counts[to + bucket] = (counts[to + bucket] ?? 0) + (part.counts[from + bucket] ?? 0);
      }
    });
  }
  return { zeros: a.zeros + b.zeros, octaves, counts };
}

const scratch = new DataView(new ArrayBuffer(8));
const number = new Float64Array(scratch.buffer);
const words = new Uint32Array(scratch.buffer);
/** Which of the words has sign and exponent on this machine. */
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/** Counts amounts by bucket. */
export class QuantileSketch {
  #zeros = 0;
  readonly #positive = new Pages(0);
  readonly #negative = new Pages(0x800);

  /** Counts one finite amount. */
  add(amount: number): void {
    scratch.setFloat64(0, amount);
    const bits = scratch.getUint32(0);
    const exponent = (bits >>> 20) & 0x7ff;
    if (exponent === 0) this.#zeros++;
    else {
      const page = (bits >>> 31) === 0 ? this.#positive.page(exponent) : this.#negative.page(exponent);
      const bucket = (bits >>> 14) & 63;
      page[bucket] = (page[bucket] ?? 0) + 1;
    }
  }

  /** Counts the amounts in rows `[from, to)`. */
  addAll(amounts: Float64Array, from: number, to: number): void {
    const positive = this.#positive;
    for (let row = from; row < to; row++) {
      const amount = amounts[row] ?? 0;
      number[0] = amount;
      const bits = (words[HIGH] ?? 0) | 0, exponent = bits >> 20;
      if (exponent <= 0) this.add(amount);
      else {
        const page = positive.page(exponent), bucket = (bits >>> 14) & 63;
        page[bucket] = (page[bucket] ?? 0) + 1;
      }
    }
  }

  /** Adds the counts of another sketch. */
  merge(other: QuantileSketchData): void {
    this.#zeros += other.zeros;
    other.octaves.forEach((octave, index) => {
      const pages = octave < 0x800 ? this.#positive : this.#negative;
      const page = pages.page(octave & 0x7ff);
      const from = index * BUCKETS;
      for (let bucket = 0; bucket < BUCKETS; bucket++) {
        page[bucket] = (page[bucket] ?? 0) + (other.counts[from + bucket] ?? 0);
      }
    });
  }

  /** A copy as plain data; negative pages first, each sign by exponent. */
  data(): QuantileSketchData {
    const pages = [...this.#negative.entries(), ...this.#positive.entries()];
    const octaves = new Uint16Array(pages.length);
    const counts = new Float64Array(pages.length * BUCKETS);
    pages.forEach(([octave, page], index) => {
      octaves[index] = octave;
      counts.set(page, index * BUCKETS);
    });
    return { zeros: this.#zeros, octaves, counts };
  }

  /**
   * Amounts at the given ranks: for `q` the smallest amount that at least `q × count` amounts do not exceed, within
   * 1/128 of its true value; empty when nothing was counted.
   *
   * @param quantiles ascending, each in `(0, 1]`
   */
  quantiles(quantiles: readonly number[]): readonly number[] {
    const runs = this.#ascending(), total = runs.reduce((sum, { count }) => sum + count, 0);
    if (total === 0) return [];
    const found: number[] = [];
    let seen = 0;
    for (const run of runs) {
      const reached = seen + run.count;
      for (let rank = rankOf(found.length); rank <= reached; rank = rankOf(found.length)) {
        found.push(run.amountAt(rank - seen));
      }
      seen = reached;
    }
    return found;

    function rankOf(index: number): number {
      return (quantiles[index] ?? Infinity) * total;
    }
  }

  /** Amounts in runs that are passed over as a whole: the pages, and the zeros. */
  #ascending(): readonly Run[] {
    const zeros: Run = { count: this.#zeros, amountAt: () => 0 };
    return [...this.#negative.entries().toReversed().map(falling), zeros, ...this.#positive.entries().map(rising)];
  }
}

/** Amounts that follow one another; `amountAt(rank)` is the first one that `rank` of them do not exceed. */
interface Run {
  readonly count: number;
  amountAt(rank: number): number;
}

type Entry = readonly [octave: number, page: Float64Array];

function rising([octave, page]: Entry): Run {
  return { count: sumOf(page), amountAt: (rank) => middleOf(octave, bucketAt(page, rank)) };
}

/** Of negative amounts the highest bucket is the lowest. */
function falling([octave, page]: Entry): Run {
  const reversed = page.toReversed();
  return { count: sumOf(page), amountAt: (rank) => middleOf(octave, BUCKETS - 1 - bucketAt(reversed, rank)) };
}

function bucketAt(page: Float64Array, rank: number): number {
  let bucket = 0;
  for (let seen = page[0] ?? 0; seen < rank && bucket < BUCKETS - 1; seen += page[bucket] ?? 0) bucket++;
  return bucket;
}

function sumOf(page: Float64Array): number {
  let sum = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket++) sum += page[bucket] ?? 0;
  return sum;
}

/** Pages of one sign, dense between the lowest and the highest exponent touched. */
class Pages {
  readonly #sign: number;
  #low = 0;
  #pages: (Float64Array | undefined)[] = [];

  constructor(sign: number) {
    this.#sign = sign;
  }

  page(exponent: number): Float64Array {
    return this.#pages[exponent - this.#low] ?? this.#grow(exponent);
  }

  entries(): Entry[] {
    const entries: Entry[] = [];
    this.#pages.forEach((page, index) => {
      if (page !== undefined) entries.push([this.#sign | (this.#low + index), page]);
    });
    return entries;
  }

  #grow(exponent: number): Float64Array {
    if (this.#pages.length === 0) this.#low = exponent;
    if (exponent < this.#low) {
      this.#pages = [...new Array<undefined>(this.#low - exponent), ...this.#pages];
      this.#low = exponent;
    }
    while (this.#pages.length <= exponent - this.#low) this.#pages.push(undefined);
    const page = new Float64Array(BUCKETS);
    this.#pages[exponent - this.#low] = page;
    return page;
  }
}

function middleOf(octave: number, bucket: number): number {
  scratch.setUint32(0, ((octave << 20) | (bucket << 14) | (1 << 13)) >>> 0);
  scratch.setUint32(4, 0);
  return scratch.getFloat64(0);
}
