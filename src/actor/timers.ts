/**
 * One actor's timers, keyed by the message they send.
 *
 * I1. One timer per kind; arming again replaces, and takes back the tick that is queued.
 * I2. `clear` ends them all: a tick of an earlier incarnation never reaches a later one.
 * I3. A periodic timer keeps its phase; periods that passed unseen are skipped, never made up for.
 */
import type { Clock, Timer } from "../clock.ts";

/** Where ticks go. */
export interface TickSink {
  tick(kind: string, payload: unknown): void;
  untick(kind: string): void;
}

/** The keyed timers of one actor. */
export class Timers {
  readonly #clock: Clock;
  readonly #sink: TickSink;
  readonly #armed = new Map<string, Timer>();

  constructor(clock: Clock, sink: TickSink) {
    this.#clock = clock;
    this.#sink = sink;
  }

  /** Arms a timer that ticks once. @throws {RangeError} when `delayMs` is not a number >= 0. */
  after(delayMs: number, kind: string, payload: unknown): void {
    if (!(delayMs >= 0)) throw new RangeError(`Cannot arm timer ${kind}: delayMs must be >= 0, got ${delayMs}`);
    this.cancel(kind);
    this.#arm(kind, delayMs, () => {
      this.#armed.delete(kind);
      this.#sink.tick(kind, payload);
    });
  }

  /** Arms a timer that ticks every `periodMs`. @throws {RangeError} when `periodMs` is not a number > 0. */
  every(periodMs: number, kind: string, payload: unknown): void {
    if (!(periodMs > 0)) throw new RangeError(`Cannot arm timer ${kind}: periodMs must be > 0, got ${periodMs}`);
    this.cancel(kind);
    let dueMs = this.#clock.elapsedMs() + periodMs;
    const fire = (): void => {
      const nowMs = this.#clock.elapsedMs();
      dueMs += periodMs * Math.max(1, Math.floor((nowMs - dueMs) / periodMs) + 1);
      this.#arm(kind, Math.max(0, dueMs - nowMs), fire);
      this.#sink.tick(kind, payload);
    };
    this.#arm(kind, periodMs, fire);
  }

  /** Disarms a timer and takes back its queued tick. */
  cancel(kind: string): void {
    this.#armed.get(kind)?.[Symbol.dispose]();
    this.#armed.delete(kind);
    this.#sink.untick(kind);
  }

  /** Disarms all. */
  clear(): void {
    for (const timer of this.#armed.values()) timer[Symbol.dispose]();
    this.#armed.clear();
  }

  #arm(kind: string, delayMs: number, fn: () => void): void {
    this.#armed.set(kind, this.#clock.after(delayMs, fn));
  }
}
