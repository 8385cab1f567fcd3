/**
 * When the generated events happen.
 *
 * I1. Event times never fall.
 * I2. Every block of `blockEvents` events falls, all of it, into its own `blockEvents / rate` seconds: the rate holds
 *     for ever and without drift.
 * I3. Inside a block the times are those of a Poisson process that is known to have that many events.
 */
import type { SeededRandom } from "./seeded_random.ts";

const BLOCK_MAX_EVENTS = 4_096;

/** Events in one block: about a second's worth, from 1 to 4,096. */
export function blockEvents(ratePerSecond: number): number {
  return Math.min(BLOCK_MAX_EVENTS, Math.max(1, Math.round(ratePerSecond)));
}

/** How long `count` events can take at most: whole blocks, so up to about a second more than `count / rate`. */
export function arrivalsSpanMs(count: number, ratePerSecond: number): number {
  const block = blockEvents(ratePerSecond);
  return Math.ceil(Math.ceil(count / block) * block * 1_000 / ratePerSecond);
}

/** The event times of a stream of events, one after another. */
export class Arrivals {
  readonly #random: SeededRandom;
  readonly #periodMs: number;
  readonly #sums: Float64Array;
  #startMs: number;
  #block = -1;
  #index: number;
  #scale = 0;
  readonly #firstMs: number;

  /** Arrivals from `startMs` on; rate and start are taken as checked. */
  constructor(random: SeededRandom, startMs: number, ratePerSecond: number) {
    this.#random = random;
    this.#sums = new Float64Array(blockEvents(ratePerSecond));
    this.#periodMs = this.#sums.length * 1_000 / ratePerSecond;
    this.#firstMs = startMs;
    this.#startMs = startMs;
    this.#index = this.#sums.length;
  }

  /** The next event time: whole milliseconds. */
  nextMs(): number {
    if (this.#index === this.#sums.length) this.#fill();
    return Math.floor(this.#startMs + (this.#sums[this.#index++] ?? 0) * this.#scale);
  }

  /** Gaps are exponential, then scaled so that the block and the gap after its last event fill the period. */
  #fill(): void {
    let sum = 0;
    for (let index = 0; index < this.#sums.length; index++) this.#sums[index] = sum += this.#random.exponential();
    this.#scale = this.#periodMs / (sum + this.#random.exponential());
    this.#startMs = this.#firstMs + ++this.#block * this.#periodMs;
    this.#index = 0;
  }
}
