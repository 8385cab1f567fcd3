/** Wakes those who wait for something new in a file: at once for this process, within 5 ms for others. */
import type { Clock, Timer } from "../clock.ts";
import type { Database } from "./database.ts";

const POLL_MS = 5;

/** Lets readers wait until somebody has appended. It looks at the file only while somebody waits. */
export class AppendSignal implements Disposable {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #waiters = new Set<PromiseWithResolvers<void>>();
  #seenVersion = -1;
  #poll: Timer | undefined;
  #isClosed = false;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Says that this process has appended. */
  changed(): void {
    this.#settle((waiter) => waiter.resolve());
  }

  /** Resolves once something may be new, the time is over, `signal` aborts, or this is disposed of. */
  async wait(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    if (this.#isClosed || signal?.aborted) return;
    const waiter = Promise.withResolvers<void>();
    const stop = () => waiter.resolve();
    using _timer = timeoutMs === Infinity ? undefined : this.#clock.after(timeoutMs, stop);
    signal?.addEventListener("abort", stop, { once: true });
    this.#waiters.add(waiter);
    this.#poll ??= this.#clock.after(POLL_MS, () => this.#look());
    try {
      await waiter.promise;
    } finally {
      signal?.removeEventListener("abort", stop);
      this.#waiters.delete(waiter);
      if (this.#waiters.size === 0) this.#stopPolling();
    }
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#stopPolling();
    this.changed();
  }

  #look(): void {
    try {
      const version = this.#database.dataVersion();
      const isNew = version !== this.#seenVersion;
      this.#seenVersion = version;
      if (isNew) this.changed();
    } catch (reason) {
      this.#settle((waiter) => waiter.reject(reason));
    }
    // Those woken leave after this turn; the next look finds nobody and is called off.
    this.#poll = this.#clock.after(POLL_MS, () => this.#look());
  }

  #settle(how: (waiter: PromiseWithResolvers<void>) => void): void {
    for (const waiter of this.#waiters) how(waiter);
    this.#waiters.clear();
  }

  #stopPolling(): void {
    this.#poll?.[Symbol.dispose]();
    this.#poll = undefined;
  }
}
