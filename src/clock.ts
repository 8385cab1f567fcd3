/**
 * The only door to time and chance.
 *
 * I1. No other module under `src/` or `actors/` reads a clock, arms a timer or draws a random number from a global.
 * I2. `elapsedMs` never falls; `nowMs` may jump either way and decides nothing but names and reports.
 */

/** An armed timer; disposing of it cancels it, also after it has fired. */
export type Timer = Disposable;

/** Time as the program may see it. Implementations: `systemClock`, and `VirtualClock` for tests. */
export interface Clock {
  /** Wall time in milliseconds since 1970-01-01Z. */
  nowMs(): number;
  /** Monotonic time in milliseconds since an arbitrary origin. */
  elapsedMs(): number;
  /** Runs `fn` once, `delayMs` from now, unless the returned timer is disposed of first. */
  after(delayMs: number, fn: () => void): Timer;
  /** Runs `fn` after the event loop has had a chance to deliver input (a macrotask, about 1 µs). */
  yield(fn: () => void): void;
}

/** Uniform numbers in `[0, 1)`. */
export type Random = () => number;

/** The machine's clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  elapsedMs: () => performance.now(),
  after(delayMs, fn) {
    const id = setTimeout(fn, delayMs);
    return { [Symbol.dispose]: () => clearTimeout(id) };
  },
  yield: (fn) => void setImmediate(fn),
};

/** The machine's randomness. */
export const systemRandom: Random = () => Math.random();

/**
 * Resolves `delayMs` later on `clock`, or at once when `signal` aborts.
 *
 * @example
 * ```ts
 * import { sleep, systemClock } from "./clock.ts";
 * await sleep(systemClock, 1);
 * ```
 */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal?.aborted) return Promise.resolve();
  const timer = clock.after(delayMs, resolve);
  const wake = () => resolve();
  signal?.addEventListener("abort", wake, { once: true });
  return promise.finally(() => {
    timer[Symbol.dispose]();
    signal?.removeEventListener("abort", wake);
  });
}
