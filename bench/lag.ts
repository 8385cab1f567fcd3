/**
 * How long events take until they can be seen.
 *
 * Events are known by their times, in order; whoever looks tells how many can be seen at that moment, and takes it that
 * the oldest are seen first. The moment is the one at which the answer was there.
 */

/** Latencies in ms. */
export interface LagSummary {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly events: number;
}

/** Collects latencies of one observer. */
export class Lag {
  readonly #timesMs: readonly number[];
  readonly #lagsMs: number[] = [];

  /** @param timesMs times of the events, in order; grows while they are produced */
  constructor(timesMs: readonly number[]) {
    this.#timesMs = timesMs;
  }

  /** How many events have been seen. */
  get seenCount(): number {
    return this.#lagsMs.length;
  }

  /** So many events can be seen at that moment. */
  saw(count: number, atMs: number): void {
    for (let index = this.#lagsMs.length; index < Math.min(count, this.#timesMs.length); index++) {
      this.#lagsMs.push(atMs - (this.#timesMs[index] ?? NaN));
    }
  }

  /** Of the events from this time on. */
  summary(fromMs: number): LagSummary {
    const sorted = this.#lagsMs.filter((_, index) => (this.#timesMs[index] ?? NaN) >= fromMs).sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
    return { p50: at(0.5), p99: at(0.99), max: at(1), events: sorted.length };
  }
}
