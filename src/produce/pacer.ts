/**
 * When each record may go out, by its event time.
 *
 * I1. No record goes out before its due instant: the origin's instant + (event time − origin) / speed. Due instants do
 *     not depend on when earlier records went out, so the rate does not drift and a stall is made good.
 * I2. After a stall, at most `CATCH_UP × BURST_MS` of the schedule goes out at once, the rest of what is overdue
 *     `CATCH_UP` times as fast as the speed says.
 * I3. A record without event time, or with an earlier one than a record before it, is due with that record.
 */
import type { Clock } from "../clock.ts";

/** For how much of a stall the time to catch up is granted at its end, all at once. */
export const BURST_MS = 250;

/** How many times faster than `speed` a backlog is worked off. */
export const CATCH_UP = 2;

/** Settings of a `Pacer`. */
export interface PacerOptions {
  /** Event time per wall time, above 0; Infinity does not wait at all. */
  readonly speed: number;
  /**
   * Event time that is due at once when the first record comes, in milliseconds since 1970-01-01Z.
   * @default {the event time of the first record that has one}
   */
  readonly originMs?: number;
}

/**
 * Paces one stream of records.
 *
 * Cost: per record a few comparisons; the clock is read only when what was read before does not suffice.
 */
export class Pacer {
  readonly #clock: Clock;
  readonly #speed: number;
  #originAtMs: number | undefined;
  #originElapsedMs: number | undefined;
  /** When the record before was due, and from when on its successor's distance counts. */
  #dueMs = 0;
  #anchorMs = 0;
  #seenMs = -Infinity;

  /** @throws {RangeError} when the speed is not above 0. */
  constructor(clock: Clock, options: PacerOptions) {
    if (!(options.speed > 0)) throw new RangeError(`Cannot pace records: speed must be > 0, got ${options.speed}`);
    this.#clock = clock;
    this.#speed = options.speed;
    this.#originAtMs = options.originMs;
  }

  /**
   * How long the next record must still wait, in milliseconds; 0 lets it go, and the next call is about its successor.
   */
  waitMs(atMs: number | undefined): number {
    if (this.#speed === Infinity || atMs === undefined) return 0;
    const scheduledMs = this.#scheduledMs(atMs);
    const dueMs = Math.max(this.#dueMs, scheduledMs);
    const readyMs = Math.max(dueMs, this.#anchorMs + (dueMs - this.#dueMs) / CATCH_UP);
    if (readyMs > this.#seenMs) this.#seenMs = this.#clock.elapsedMs();
    if (readyMs > this.#seenMs) return readyMs - this.#seenMs;
    this.#dueMs = dueMs;
    this.#anchorMs = Math.max(readyMs, this.#seenMs - BURST_MS);
    return 0;
  }

  #scheduledMs(atMs: number): number {
    this.#originAtMs ??= atMs;
    this.#originElapsedMs ??= this.#begin();
    return this.#originElapsedMs + (atMs - this.#originAtMs) / this.#speed;
  }

  #begin(): number {
    return this.#dueMs = this.#anchorMs = this.#seenMs = this.#clock.elapsedMs();
  }
}
