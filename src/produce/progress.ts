/** How far a run of producing is, and when it will be over. */
import type { Clock } from "../clock.ts";

/** How far a run is. */
export interface ProduceProgress {
  /** Records acknowledged. */
  readonly sent: number;
  /** Records acknowledged per second of wall time, over the whole run. */
  readonly ratePerSecond: number;
  /** Records still to send, when a count was given. */
  readonly remaining?: number;
  /** Time left at the pace so far, when it can be told. */
  readonly remainingMs?: number;
}

/** What a run knows of its size. */
export interface ProgressMeterOptions {
  /** Records to send. */
  readonly count?: number;
  /** How much of the stream has been read, 0 to 1. */
  readonly fractionRead?: () => number;
  /** Where reports go. */
  readonly onProgress?: (progress: ProduceProgress) => void;
}

const PERIOD_MS = 250;

/** Reports the progress of one run, at most four times a second. */
export class ProgressMeter {
  readonly #clock: Clock;
  readonly #options: ProgressMeterOptions;
  readonly #startedMs: number;
  #reportedMs: number;

  /** A meter of a run that starts now. */
  constructor(clock: Clock, options: ProgressMeterOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#startedMs = this.#reportedMs = clock.elapsedMs();
  }

  /** How long the run has taken so far. */
  elapsedMs(): number {
    return this.#clock.elapsedMs() - this.#startedMs;
  }

  /** Records per second of wall time over the whole run. */
  ratePerSecond(sent: number): number {
    const elapsedMs = this.elapsedMs();
    return elapsedMs > 0 ? sent * 1_000 / elapsedMs : 0;
  }

  /** Reports unless the last report is too young. */
  tick(sent: number): void {
    if (this.#clock.elapsedMs() - this.#reportedMs >= PERIOD_MS) this.report(sent);
  }

  /** Reports that `sent` records are acknowledged. */
  report(sent: number): void {
    const { count, onProgress } = this.#options;
    this.#reportedMs = this.#clock.elapsedMs();
    if (!onProgress) return;
    const remainingMs = this.#remainingMs(sent);
    onProgress({
      sent,
      ratePerSecond: this.ratePerSecond(sent),
      ...(count === undefined ? {} : { remaining: Math.max(0, count - sent) }),
      ...(remainingMs === undefined ? {} : { remainingMs }),
    });
  }

  /** Both a file and a count may end the run: the one that is further decides. */
  #remainingMs(sent: number): number | undefined {
    const { count, fractionRead } = this.#options;
    if (count === undefined && !fractionRead) return undefined;
    const fraction = Math.max(count === undefined ? 0 : Math.min(1, sent / Math.max(1, count)), fractionRead?.() ?? 0);
    return fraction > 0 ? this.elapsedMs() * (1 - fraction) / fraction : undefined;
  }
}
