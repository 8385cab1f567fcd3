/**
 * When a partition counts as idle.
 *
 * I1. Only answers of the broker count: our own pause, a stall or a broken connection starts the clock anew, and time
 *     after the last question that was answered is not quiet but unknown (the process may have slept since).
 * I2. A record that does not raise the watermark does not end idleness: it says nothing new about event time.
 */

/** What a fetch has told of a partition without records. */
export interface FetchOutcome {
  /** Everything before it has been decided. */
  readonly next: number;
  readonly end: number;
  /** When the fetch was sent: the answer tells no later state for sure. */
  readonly askedAtMs: number;
  readonly nowMs: number;
}

/** Follows the fetches of one partition. All times are monotonic ms. */
export class Idleness {
  readonly #assignedAtMs: number;
  /** The end recorded at assignment. */
  readonly #firstEnd: number;
  #quietSinceMs: number | undefined;
  /** Up to when the answers tell how the partition stood. */
  #knownUpToMs: number;
  #lastRecordAtMs: number;
  #isAtEnd = false;
  #hasReachedFirstEnd: boolean;

  constructor(start: { readonly assignedAtMs: number; readonly next: number; readonly end: number }) {
    this.#assignedAtMs = start.assignedAtMs;
    this.#firstEnd = start.end;
    this.#knownUpToMs = start.assignedAtMs;
    this.#lastRecordAtMs = start.assignedAtMs;
    this.#hasReachedFirstEnd = start.next >= start.end;
  }

  /** Whether the end recorded at assignment has been reached. */
  get hasReachedFirstEnd(): boolean {
    return this.#hasReachedFirstEnd;
  }

  /** A fetch was answered: everything up to `next` has been decided, and the partition ends at `end`. */
  answered({ next, end, askedAtMs, nowMs }: FetchOutcome): void {
    this.#isAtEnd = next >= end;
    this.#hasReachedFirstEnd ||= next >= this.#firstEnd;
    this.#knownUpToMs = askedAtMs;
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

  /** How long nothing has come since the last record, or the assignment, as far as is known. */
  get quietForMs(): number {
    return Math.max(0, this.#knownUpToMs - this.#lastRecordAtMs);
  }

  /** Whether it has been at its end without news for `idleMs`. */
  isQuiet(idleMs: number): boolean {
    return this.#isAtEnd && this.#quietSinceMs !== undefined && this.#knownUpToMs - this.#quietSinceMs >= idleMs;
  }

  /** Whether it need not be waited for while another partition still catches up to its own first end. */
  isAhead(idleMs: number): boolean {
    return this.#isAtEnd && this.#hasReachedFirstEnd && this.#knownUpToMs - this.#assignedAtMs >= idleMs;
  }
}
