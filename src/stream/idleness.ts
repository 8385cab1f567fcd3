/**
 * When a partition counts as idle.
 *
 * I1. Only answers of the broker count: our own pause, a stall or a broken connection starts the clock anew.
 * I2. A record that does not raise the watermark does not end idleness: it says nothing new about event time.
 */

/** Follows the fetches of one partition. All times are monotonic ms. */
export class Idleness {
  readonly #assignedAtMs: number;
  /** The end recorded at assignment. */
  readonly #firstEnd: number;
  #quietSinceMs: number | undefined;
  #lastRecordAtMs: number;
  #isAtEnd = false;
  #hasReachedFirstEnd: boolean;

  constructor(start: { readonly assignedAtMs: number; readonly next: number; readonly end: number }) {
    this.#assignedAtMs = start.assignedAtMs;
    this.#firstEnd = start.end;
    this.#lastRecordAtMs = start.assignedAtMs;
    this.#hasReachedFirstEnd = start.next >= start.end;
  }

  /** Whether the end recorded at assignment has been reached. */
  get hasReachedFirstEnd(): boolean {
    return this.#hasReachedFirstEnd;
  }

  /** A fetch was answered: everything up to `next` has been decided, and the partition ends at `end`. */
  answered(next: number, end: number, nowMs: number): void {
    this.#isAtEnd = next >= end;
    this.#hasReachedFirstEnd ||= next >= this.#firstEnd;
    if (this.#isAtEnd) this.#quietSinceMs ??= nowMs;
  }

  /** Records were decided. */
  advanced(next: number, hasRaised: boolean, nowMs: number): void {
    this.#lastRecordAtMs = nowMs;
    this.#hasReachedFirstEnd ||= next >= this.#firstEnd;
    if (hasRaised) this.#quietSinceMs = undefined;
  }

  /** The partition was not read for a reason of ours or the network's. */
  interrupted(): void {
    this.#quietSinceMs = undefined;
    this.#isAtEnd = false;
  }

  /** How long ago the last record came, or the assignment. */
  quietForMs(nowMs: number): number {
    return nowMs - this.#lastRecordAtMs;
  }

  /** Whether it has been at its end without news for `idleMs`. */
  isQuiet(idleMs: number, nowMs: number): boolean {
    return this.#isAtEnd && this.#quietSinceMs !== undefined && nowMs - this.#quietSinceMs >= idleMs;
  }

  /** Whether it need not be waited for while another partition still catches up to its own first end. */
  isAhead(idleMs: number, nowMs: number): boolean {
    return this.#isAtEnd && this.#hasReachedFirstEnd && nowMs - this.#assignedAtMs >= idleMs;
  }
}
