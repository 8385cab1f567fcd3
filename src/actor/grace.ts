/**
 * The time a stopping actor is given.
 *
 * I1. It runs from construction, once, over everything that has to be waited for.
 * I2. No timer is armed while there is nothing to wait for.
 */
import type { Clock } from "../clock.ts";
import type { Shutdown } from "./actor.ts";

/** Time to stop when nobody says otherwise. */
const DEFAULT_SHUTDOWN_MS = 5_000;

/** One actor's time to stop. */
export class Grace {
  readonly #clock: Clock;
  readonly #shutdown: Shutdown;
  readonly #fromMs: number;

  constructor(clock: Clock, shutdown: Shutdown = DEFAULT_SHUTDOWN_MS) {
    [this.#clock, this.#shutdown, this.#fromMs] = [clock, shutdown, clock.elapsedMs()];
  }

  /** For one that ends by itself: `brutal` is for those who order an end. */
  static unhurried(clock: Clock, shutdown: Shutdown | undefined): Grace {
    return new Grace(clock, shutdown === "brutal" ? undefined : shutdown);
  }

  /** Whether any time is given at all. */
  get brutal(): boolean {
    return this.#shutdown === "brutal";
  }

  /** Waits for `work`; `false` when the time ran out first. A rejection of `work` passes through. */
  async lasts(work: Promise<unknown>): Promise<boolean> {
    if (this.#shutdown === "brutal") return false;
    if (this.#shutdown === "infinity") return await work.then(() => true);
    const leftMs = Math.max(0, this.#fromMs + this.#shutdown - this.#clock.elapsedMs());
    const { promise: over, resolve } = Promise.withResolvers<boolean>();
    using _timer = this.#clock.after(leftMs, () => resolve(false));
    return await Promise.race([work.then(() => true), over]);
  }
}
