/**
 * Whether, and when, a failed child may be started again. Pure: the caller brings the time.
 *
 * I1. At most `max` restarts are granted inside any `withinMs`.
 * I2. At most `max` instants are kept, and none when `max` is infinite.
 * I3. A delay lies in `[ceiling * (1 - jitter), ceiling]`, with `ceiling = min(maxMs, minMs * 2^n)`.
 */
import type { Random } from "../clock.ts";
import type { BackoffOptions, Intensity } from "./actor.ts";

/**
 * Decides whether one more restart is allowed.
 *
 * Source: Erlang/OTP `supervisor` restart intensity.
 */
export class RestartBudget {
  readonly #max: number;
  readonly #withinMs: number;
  #grantedAtMs: number[] = [];

  constructor(intensity: Intensity) {
    this.#max = intensity.max;
    this.#withinMs = intensity.withinMs;
  }

  /** Grants a restart now, or refuses it because the period already holds `max`. */
  tryRestart(nowMs: number): boolean {
    if (this.#max === Infinity) return true;
    this.#grantedAtMs = this.#grantedAtMs.filter((atMs) => nowMs - atMs < this.#withinMs);
    if (this.#grantedAtMs.length >= this.#max) return false;
    this.#grantedAtMs.push(nowMs);
    return true;
  }

  /** Restarts that still count. */
  get recorded(): number {
    return this.#grantedAtMs.length;
  }
}

/**
 * How long to wait before a restart: exponential with jitter, from the start again after a quiet time.
 *
 * Source: exponential backoff with full jitter as in AWS Architecture Blog, reset as in Pekko `restartWithBackoff`.
 */
export class Backoff {
  readonly #options: Required<BackoffOptions>;
  readonly #random: Random;
  #attempt = 0;
  #restartedAtMs = -Infinity;

  constructor(options: BackoffOptions, random: Random) {
    const { minMs, maxMs, jitter = 1, resetAfterMs = (minMs + maxMs) / 2 } = options;
    this.#options = { minMs, maxMs, jitter, resetAfterMs };
    this.#random = random;
  }

  /** The delay of a restart that was asked for at `nowMs`. */
  nextMs(nowMs: number): number {
    const { minMs, maxMs, jitter, resetAfterMs } = this.#options;
    if (nowMs - this.#restartedAtMs >= resetAfterMs) this.#attempt = 0;
    const ceilingMs = Math.min(maxMs, minMs * 2 ** this.#attempt);
    this.#attempt++;
    const delayMs = ceilingMs * (1 - jitter * this.#random());
    this.#restartedAtMs = nowMs + delayMs;
    return delayMs;
  }
}
