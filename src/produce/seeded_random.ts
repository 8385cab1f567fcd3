/**
 * Random numbers that a seed decides.
 *
 * I1. The same seed and stream give the same numbers on every machine; two streams of one seed are independent.
 *
 * Source: `sfc32`, Chris Doty-Humphrey, PractRand.
 */

/** One stream of random numbers of a seed. */
export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** @throws {RangeError} when `seed` is not a whole number from 0 to 2^53 − 1. */
  constructor(seed: number, stream: number) {
    if (!(Number.isSafeInteger(seed) && seed >= 0)) {
      throw new RangeError(`Cannot seed random numbers: seed must be a whole number from 0 to 2^53 - 1, got ${seed}`);
    }
    this.#a = seed | 0;
    this.#b = Math.floor(seed / 2 ** 32) | 0;
    this.#c = stream | 0;
    for (let round = 0; round < 16; round++) this.uint32();
  }

  /** The next 32 random bits, unsigned. */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** Uniform in `[0, 1)`. */
  unit(): number {
    return this.uint32() * 2 ** -32;
  }

  /** A whole number, uniform in `[0, bound)`; `bound` is at most 2^32. */
  below(bound: number): number {
    return Math.floor(this.unit() * bound);
  }

  /** Exponential with mean 1; never 0. */
  exponential(): number {
    return -Math.log((this.uint32() + 1) * (1 / (2 ** 32 + 1)));
  }

  /** Normal with mean 0 and deviation 1. */
  normal(): number {
    return Math.sqrt(2 * this.exponential()) * Math.cos(2 * Math.PI * this.unit());
  }
}
