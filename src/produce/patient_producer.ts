/**
 * A producer that outlasts a log which does not answer for a while: a broker that is killed, a disk that is full.
 *
 * I1. A batch is offered again until the log has taken it, the patience is over or the signal aborts; the last failure is
 *     then the caller's. Any part of a batch that failed may be in the log already, so a record may be there twice.
 */
import { type Clock, sleep } from "../clock.ts";
import { RetryableError } from "../stream/failures.ts";
import type { LogProducer, LogRecord } from "../stream/log_producer.ts";

/** How patient it is. */
export interface PatientProducerOptions {
  readonly clock: Clock;
  /** How long one batch is offered, in ms. @default {120_000} */
  readonly patienceMs?: number;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** Called before each wait. */
  readonly onRefused?: (reason: string) => void;
}

const WAIT_FIRST_MS = 100;
const WAIT_MOST_MS = 2_000;

/** Offers batches again; everything else is the inner producer's. */
export class PatientProducer implements LogProducer {
  readonly #inner: LogProducer;
  readonly #options: PatientProducerOptions;
  readonly #patienceMs: number;

  constructor(inner: LogProducer, options: PatientProducerOptions) {
    const { patienceMs = 120_000 } = options;
    if (!(patienceMs >= 0)) {
      throw new RangeError(`Cannot create patient producer: patienceMs must be >= 0, got ${patienceMs}`);
    }
    this.#inner = inner;
    this.#options = options;
    this.#patienceMs = patienceMs;
  }

  async send(records: readonly LogRecord[]): Promise<void> {
    const { clock, signal, onRefused } = this.#options;
    const giveUpAtMs = clock.elapsedMs() + this.#patienceMs;
    for (let waitMs = WAIT_FIRST_MS;; waitMs = Math.min(2 * waitMs, WAIT_MOST_MS)) {
      try {
        return await this.#inner.send(records);
      } catch (error) {
        if (!(error instanceof RetryableError) || signal.aborted) throw error;
        const pauseMs = Math.max(waitMs, error.retryAfterMs);
        if (clock.elapsedMs() + pauseMs > giveUpAtMs) throw error;
        onRefused?.(error.message);
        // Told to end meanwhile, it is offered once more at once: the log may be back.
        await sleep(clock, pauseMs, signal);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner[Symbol.asyncDispose]();
  }
}
