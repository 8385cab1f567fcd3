/**
 * How the store answers: each write with its size and how long it took.
 *
 * I1. At most `capacity` writes are kept, the newest; sums count all.
 */
import type { Clock } from "../clock.ts";

/** One write. */
export interface Acknowledgement {
  /** When it was answered, wall ms. */
  readonly atMs: number;
  readonly points: number;
  readonly tookMs: number;
  /** Why it was not acknowledged; absent when it was. */
  readonly failure?: string;
}

/** What the store has answered so far. */
export interface AcknowledgementSummary {
  readonly writes: number;
  readonly points: number;
  readonly refused: number;
  readonly failures: number;
  /** The newest, oldest first. */
  readonly recent: readonly Acknowledgement[];
}

/** Measures writes. */
export class Acknowledgements {
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #recent: Acknowledgement[] = [];
  #sums = { writes: 0, points: 0, refused: 0, failures: 0 };

  constructor(clock: Clock, capacity: number) {
    if (!(capacity > 0)) throw new RangeError(`Cannot keep acknowledgements: capacity must be > 0, got ${capacity}`);
    this.#clock = clock;
    this.#capacity = capacity;
  }

  /** What there is to tell. */
  get summary(): AcknowledgementSummary {
    return { ...this.#sums, recent: [...this.#recent] };
  }

  /** Runs a write of `points` points and notes how it went; its outcome is the caller's. */
  async measure<T extends { readonly refused: readonly unknown[] }>(
    points: number,
    write: () => Promise<T>,
  ): Promise<T> {
    const startedAtMs = this.#clock.elapsedMs();
    try {
      const result = await write();
      const refused = result.refused.length, { writes, points: before, ...sums } = this.#sums;
      this.#sums = {
        ...sums,
        writes: writes + 1,
        points: before + points - refused,
        refused: sums.refused + refused,
      };
      this.#note({ startedAtMs, points });
      return result;
    } catch (failure) {
      this.#sums = { ...this.#sums, failures: this.#sums.failures + 1 };
      this.#note({ startedAtMs, points, failure: failure instanceof Error ? failure.message : String(failure) });
      throw failure;
    }
  }

  #note(
    { startedAtMs, ...write }: { readonly startedAtMs: number; readonly points: number; readonly failure?: string },
  ) {
    const tookMs = this.#clock.elapsedMs() - startedAtMs;
    if (this.#recent.length === this.#capacity) this.#recent.shift();
    this.#recent.push({ atMs: this.#clock.nowMs(), tookMs, ...write });
  }
}
