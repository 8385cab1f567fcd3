/** Calls again, more and more slowly, what could not be done now. */
import { type Clock, sleep } from "../clock.ts";
import { RetryableError } from "./failures.ts";

/** How patient. */
export interface PatienceOptions {
  readonly clock: Clock;
  /** Ends waiting. */
  readonly signal: AbortSignal;
  /** @default {8}, about 20 s of waiting */
  readonly attempts?: number;
}

const FIRST_MS = 200;
const MOST_MS = 5_000;

/** The answer of `call`, asked for up to `attempts` times. @throws what the last call threw */
export async function patiently<T>(call: () => Promise<T>, options: PatienceOptions): Promise<T> {
  const { clock, signal, attempts = 8 } = options;
  for (let attempt = 1, waitMs = FIRST_MS;; attempt++, waitMs = Math.min(2 * waitMs, MOST_MS)) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof RetryableError) || attempt >= attempts || signal.aborted) throw error;
      await sleep(clock, Math.max(waitMs, error.retryAfterMs), signal);
    }
  }
}
