/** A clock that stands still until the test advances it. */
import type { Clock, Timer } from "../../src/clock.ts";

interface Due {
  readonly dueMs: number;
  readonly fn: () => void;
}

/** Wall and elapsed time move together and only by `advance`; timers fire in the order in which they are due. */
export class ManualClock implements Clock {
  readonly #epochMs: number;
  readonly #timers = new Set<Due>();
  #elapsedMs = 0;

  /** A clock that shows `nowMs` of wall time and 0 of elapsed time. */
  constructor(nowMs = 0) {
    this.#epochMs = nowMs;
  }

  nowMs(): number {
    return this.#epochMs + this.#elapsedMs;
  }

  elapsedMs(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, fn: () => void): Timer {
    const timer = { dueMs: this.#elapsedMs + Math.max(0, delayMs), fn };
    this.#timers.add(timer);
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) };
  }

  /** A real turn of the event loop: it moves no time. */
  yield(fn: () => void): void {
    setImmediate(fn);
  }

  /** How long until the next timer is due; undefined when none is armed. */
  nextInMs(): number | undefined {
    const next = this.#next(Infinity);
    return next && next.dueMs - this.#elapsedMs;
  }

  /** Timers armed and not yet fired. */
  get armed(): number {
    return this.#timers.size;
  }

  /** Moves time forward and fires what becomes due, also what the fired arm, each at its own instant. */
  advance(byMs: number): void {
    const untilMs = this.#elapsedMs + byMs;
    for (let next = this.#next(untilMs); next; next = this.#next(untilMs)) {
      this.#timers.delete(next);
      this.#elapsedMs = Math.max(this.#elapsedMs, next.dueMs);
      next.fn();
    }
    this.#elapsedMs = untilMs;
  }

  /** Lets the program run until it waits for a timer, fires that one, and so on until `promise` is settled. */
  async runUntilSettled<T>(promise: Promise<T>): Promise<T> {
    const state = { settled: false };
    const settle = (): void => void (state.settled = true);
    promise.then(settle, settle);
    while (!state.settled) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      const nextInMs = this.nextInMs();
      if (!state.settled && nextInMs !== undefined) this.advance(nextInMs);
    }
    return await promise;
  }

  #next(untilMs: number): Due | undefined {
    let first: Due | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs <= untilMs && (!first || timer.dueMs < first.dueMs)) first = timer;
    }
    return first;
  }
}
