/**
 * Sends a stream of timed records to the log.
 *
 * I1. At any end — of the stream, of the count, by abort, by an error — every batch sent has been settled before
 *     `produce` returns or throws, and the last progress report tells what is in the log.
 * I2. Unless allowed, no record whose event time is past now is sent; now is the wall time at the start of the run plus
 *     the time elapsed since, so that a step of the wall clock refuses nothing.
 * I3. With one batch under way (the default) records reach the log in the order of the stream.
 */
import type { Clock } from "../clock.ts";
import type { LogProducer } from "../stream/log_producer.ts";
import { Outbox } from "./outbox.ts";
import { Pacer } from "./pacer.ts";
import { Pause } from "./pause.ts";
import { ProduceError } from "./produce_error.ts";
import { type ProduceProgress, ProgressMeter } from "./progress.ts";
import type { TimedRecord } from "./timed_record.ts";

/** Settings of `produce`. */
export interface ProduceOptions {
  /** What to send: a `TransactionGenerator`, or the records of a file. */
  readonly records: Iterable<TimedRecord> | AsyncIterable<TimedRecord>;
  /** Where to; stays open. */
  readonly producer: LogProducer;
  readonly clock: Clock;
  /** Event time per wall time, above 0; Infinity sends as fast as the log takes it. */
  readonly speed: number;
  /**
   * Event time that is due at once: the start of a generated run.
   * @default {the event time of the first record that has one}
   */
  readonly originMs?: number;
  /**
   * Records of the stream to take at most, a whole number from 0.
   * @default {all}
   */
  readonly count?: number;
  /**
   * What is sent in the place of a record, with its event time.
   * @default {the record}
   */
  readonly change?: (record: TimedRecord) => readonly TimedRecord[];
  /** @default {false} */
  readonly allowFuture?: boolean;
  /** @default {4096} */
  readonly batchRecords?: number;
  /**
   * Bytes of keys and values in a batch; a larger record has a batch of its own.
   * @default {1048576}
   */
  readonly batchBytes?: number;
  /**
   * Batches not yet acknowledged; more than 1 may reorder records after a retry.
   * @default {1}
   */
  readonly maxInFlight?: number;
  /**
   * Shortest wait for records to become due: how long records are collected, and how late they may go out.
   * @default {5}
   */
  readonly lingerMs?: number;
  /** How much of the stream has been read, 0 to 1; without it, progress is that of `count`. */
  readonly fractionRead?: () => number;
  /** Called about four times a second and once at the end. */
  readonly onProgress?: (progress: ProduceProgress) => void;
  /** Ends the run: what was sent is settled, what was not is left. */
  readonly signal?: AbortSignal;
}

/** What a run did. */
export interface ProduceSummary {
  /** Records acknowledged. */
  readonly sent: number;
  /** Bytes of their keys and values. */
  readonly sentBytes: number;
  readonly elapsedMs: number;
  /** Records acknowledged per second of wall time. */
  readonly ratePerSecond: number;
  readonly stopped: "end" | "count" | "aborted";
}

/** One wait at most: progress is reported in between. */
const WAIT_MAX_MS = 250;

/**
 * Sends records until the stream or the count ends or the signal aborts, each when its event time is due.
 *
 * @throws {RangeError} at an event time past now, and for an option out of range.
 * @throws {ProduceError} when the log refuses a batch.
 * @throws what the stream throws, a `SyntaxError` for a broken file.
 */
export async function produce(options: ProduceOptions): Promise<ProduceSummary> {
  const { count } = options;
  if (count !== undefined && !(Number.isSafeInteger(count) && count >= 0)) {
    throw new RangeError(`Cannot produce: count must be a whole number from 0, got ${count}`);
  }
  using pause = new Pause(options.clock, options.signal);
  return await new Run(options, pause).finish();
}

/** One run of `produce`. */
class Run {
  readonly #options: ProduceOptions;
  readonly #pause: Pause;
  readonly #outbox: Outbox;
  readonly #pacer: Pacer;
  readonly #meter: ProgressMeter;
  readonly #lingerMs: number;
  /** Wall time minus elapsed time, at the start. */
  readonly #epochMs: number;
  #seenNowMs = -Infinity;

  constructor(options: ProduceOptions, pause: Pause) {
    const { clock, originMs, lingerMs = 5, batchRecords = 4_096, batchBytes = 1_048_576, maxInFlight = 1 } = options;
    if (!(lingerMs >= 0)) throw new RangeError(`Cannot produce: lingerMs must be >= 0, got ${lingerMs}`);
    this.#options = options;
    this.#pause = pause;
    this.#outbox = new Outbox(options.producer, { batchRecords, batchBytes, maxInFlight });
    this.#pacer = new Pacer(clock, { speed: options.speed, ...(originMs === undefined ? {} : { originMs }) });
    this.#meter = new ProgressMeter(clock, options);
    this.#lingerMs = lingerMs;
    this.#epochMs = clock.nowMs() - clock.elapsedMs();
  }

  /** What came before a record that cannot be sent is sent; after an abort, nothing more is. */
  async finish(): Promise<ProduceSummary> {
    let stopped: ProduceSummary["stopped"] | undefined;
    let broken: { readonly error: unknown } | undefined;
    try {
      stopped = await this.#pump();
    } catch (error) {
      broken = { error };
    }
    if (stopped !== "aborted") await this.#outbox.flush();
    await this.#outbox.settle();
    const { acknowledged: sent, acknowledgedBytes: sentBytes, unknown, failure } = this.#outbox;
    this.#meter.report(sent);
    if (failure) throw new ProduceError({ sent, unknown }, failure.cause);
    if (broken) throw broken.error;
    const ratePerSecond = this.#meter.ratePerSecond(sent);
    return { sent, sentBytes, elapsedMs: this.#meter.elapsedMs(), ratePerSecond, stopped: stopped ?? "end" };
  }

  async #pump(): Promise<ProduceSummary["stopped"]> {
    const source = iteratorOf(this.#options.records);
    try {
      return await this.#take(source);
    } finally {
      await source.return?.();
    }
  }

  /** Awaits only what is not there yet: most records pass without a turn of the event loop. */
  async #take(source: Iterator<TimedRecord> | AsyncIterator<TimedRecord>): Promise<ProduceSummary["stopped"]> {
    const { count = Infinity, change = (record) => [record] } = this.#options;
    for (let taken = 0; taken < count; taken++) {
      const step = source.next();
      const { done, value: record } = step instanceof Promise ? await step : step;
      if (done) return "end";
      const waitMs = this.#pacer.waitMs(record.atMs);
      this.#refuseFuture(record.atMs, waitMs);
      if (waitMs > 0) await this.#untilDue(record, waitMs);
      for (const one of change(record)) {
        if (this.#outbox.isFullFor(one)) await this.#flush();
        if (this.#pause.aborted) return "aborted";
        if (this.#outbox.failure) return "end";
        this.#outbox.add(one);
      }
    }
    return "count";
  }

  /** Sends what is due, then waits; returns early after an abort or a failed batch. */
  async #untilDue(record: TimedRecord, firstWaitMs: number): Promise<void> {
    await this.#outbox.flush();
    for (let waitMs = firstWaitMs; waitMs > 0 && !this.#pause.aborted; waitMs = this.#pacer.waitMs(record.atMs)) {
      if (this.#outbox.failure) return;
      await this.#pause.forMs(Math.min(WAIT_MAX_MS, Math.max(waitMs, this.#lingerMs)));
      this.#meter.tick(this.#outbox.acknowledged);
    }
  }

  async #flush(): Promise<void> {
    await this.#outbox.flush();
    this.#meter.tick(this.#outbox.acknowledged);
    await this.#pause.forInput();
  }

  /** The half millisecond is for rounding: event times are whole milliseconds, due instants are not. */
  #refuseFuture(atMs: number | undefined, waitMs: number): void {
    if (atMs === undefined || this.#options.allowFuture) return;
    if (atMs <= this.#seenNowMs) return;
    this.#seenNowMs = this.#epochMs + this.#options.clock.elapsedMs();
    if (atMs > this.#seenNowMs + waitMs + 0.5) {
      throw new RangeError(`Cannot produce: event time ${new Date(atMs).toISOString()} is past now`);
    }
  }
}

function iteratorOf(records: ProduceOptions["records"]): Iterator<TimedRecord> | AsyncIterator<TimedRecord> {
  return Symbol.asyncIterator in records ? records[Symbol.asyncIterator]() : records[Symbol.iterator]();
}
