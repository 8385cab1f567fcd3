/**
 * Watches from outside what a group of processors has acknowledged: asks their pages, again and again, for the ledger,
 * which tells only of flushes that are durable.
 */
import { sleep, systemClock } from "../../src/clock.ts";
import type { Ledger } from "../../src/stream/ledger.ts";
import { DeadlineError } from "../e2e/program.ts";
import { Advances, type Stretch } from "./advances.ts";

/** What a fault cost, in ms. */
export interface Recovery {
  /** From the fault to the first new acknowledgement. */
  readonly firstMs: number;
  /** From the fault until the slowest busy partition had new acknowledgements again. */
  readonly allMs: number;
  /** The longest time that a busy partition was without a new acknowledgement. */
  readonly stallMs: number;
  /** The largest number of records that were in the log and not acknowledged meanwhile; 0 when nobody tells. */
  readonly lag: number;
}

const ASK_MS = 50;
/** A page that answers later belongs to a process that stands still. */
const ANSWER_MS = 1_000;
/** More than two of the slowest flushes in use: a fault may take that long to be felt. */
const FELT_MS = 2_500;
/** Partitions with traffic advance with each flush, on a busy machine with every other one. */
const CADENCE_MS = 5_000;
const PATIENCE_MS = 120_000;

/** One for a group; disposing of it ends the asking. */
export class Witness implements AsyncDisposable {
  readonly advances = new Advances();
  readonly #stop = new AbortController();
  readonly #asking = new Set<Promise<void>>();
  readonly #pages = new Set<string>();
  readonly #lags: { readonly atMs: number; readonly records: number }[] = [];

  /** Asks a page until the result is disposed of. */
  watch(url: string): Disposable {
    const end = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, end.signal]);
    const asking = this.#ask(url, signal).finally(() => this.#asking.delete(asking));
    this.#asking.add(asking);
    this.#pages.add(url);
    return {
      [Symbol.dispose]: () => {
        end.abort();
        this.#pages.delete(url);
      },
    };
  }

  /** The largest number of records that were in the log and not acknowledged, as seen by `noteEnd`. */
  get largestLag(): number {
    return this.#largestLagSince(-Infinity);
  }

  /** Takes how many records the log holds. */
  noteEnd(records: number): void {
    this.#lags.push({ atMs: systemClock.elapsedMs(), records: records - this.advances.total });
  }

  /** Resolves once all has gone its usual way for a while. */
  async settled(sinceMs: number): Promise<void> {
    const isSettled = () => {
      const nowMs = systemClock.elapsedMs();
      return nowMs > sinceMs + FELT_MS && this.advances.haveAllSince(Math.max(sinceMs, nowMs - CADENCE_MS));
    };
    for (const giveUpAtMs = systemClock.elapsedMs() + PATIENCE_MS; !isSettled();) {
      const nowMs = systemClock.elapsedMs();
      if (nowMs > giveUpAtMs) {
        const problems = await Promise.all([...this.#pages].map(healthOf));
        throw new DeadlineError(
          `Cannot see every partition advance: ${this.advances.restingSince(nowMs - CADENCE_MS)} do not; ${
            problems.join("; ")
          }`,
        );
      }
      await sleep(systemClock, ASK_MS);
    }
  }

  /** Resolves, once all goes its usual way again, to what a fault at `faultMs` cost. */
  async recovered(faultMs: number): Promise<Recovery> {
    await this.settled(faultMs);
    const within: Stretch = { fromMs: faultMs, toMs: systemClock.elapsedMs() };
    const stalls = this.advances.stallsWithin(within);
    return {
      firstMs: (this.advances.firstAfter(faultMs) ?? within.toMs) - faultMs,
      allMs: Math.max(0, ...stalls.map(({ toMs }) => toMs - faultMs)),
      stallMs: Math.max(0, ...stalls.map(({ fromMs, toMs }) => toMs - fromMs)),
      lag: this.#largestLagSince(faultMs),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#asking);
  }

  #largestLagSince(sinceMs: number): number {
    return this.#lags.reduce((most, { atMs, records }) => atMs >= sinceMs ? Math.max(most, records) : most, 0);
  }

  async #ask(url: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const ledger = await ledgerOf(url, signal);
      const nowMs = systemClock.elapsedMs();
      for (const { partition, position } of ledger?.partitions ?? []) this.advances.note(partition, position, nowMs);
      await sleep(systemClock, ASK_MS, signal);
    }
  }
}

/** What a processor says of itself. */
async function healthOf(url: string): Promise<string> {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(ANSWER_MS) });
    return await response.text();
  } catch (error) {
    return String(error);
  }
}

/** Undefined from a process that is dead, stands still or is told to go. */
async function ledgerOf(url: string, signal: AbortSignal): Promise<Ledger | undefined> {
  try {
    const response = await fetch(`${url}/api/ledger`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    });
    return await response.json();
  } catch {
    // Whatever went wrong, the next question tells.
    return undefined;
  }
}
