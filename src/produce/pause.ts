/** Waiting that an AbortSignal ends, with one listener however often one waits. */
import type { Clock } from "../clock.ts";

/** Waits again and again under one signal. */
export class Pause implements Disposable {
  readonly #clock: Clock;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#wake?.();
  #wake: (() => void) | undefined;

  /** One waiter; `signal` is listened to until the pause is disposed of. */
  constructor(clock: Clock, signal: AbortSignal | undefined) {
    this.#clock = clock;
    this.#signal = signal;
    signal?.addEventListener("abort", this.#onAbort);
  }

  /** True once the signal has aborted. */
  get aborted(): boolean {
    return this.#signal?.aborted ?? false;
  }

  /** Resolves `delayMs` later, or at once when the signal aborts; one wait at a time. */
  async forMs(delayMs: number): Promise<void> {
    if (this.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    using _timer = this.#clock.after(delayMs, resolve);
    await promise;
  }

  /** Resolves after the event loop has had a chance to deliver input, an abort among it. */
  forInput(): Promise<void> {
    return new Promise((resolve) => this.#clock.yield(resolve));
  }

  /** Stops listening to the signal. */
  [Symbol.dispose](): void {
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }
}
