/** Reads the log for a repair: no member of the group, at a bounded speed. */
import { type Clock, sleep } from "../clock.ts";
import { RetryableError } from "./failures.ts";
import { patiently } from "./patience.ts";
import type { RecordCursor } from "./record_cursor.ts";
import { walkRecords } from "./record_walk.ts";
import type { Fetched, Source } from "./source.ts";

/** How a log is read. */
export interface RepairReaderOptions {
  readonly source: Source;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly recordsPerSecond: number;
}

/** Offsets `[from, to)` of a partition. */
export interface OffsetSpan {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

/** What is done with a partition's records. */
export interface RecordTaker {
  take(record: RecordCursor): void;
  /** After the records of each fetch, with how many offsets it passed; false ends the reading. */
  settle(offsets: number): boolean;
}

const FETCH_BYTES = 1_048_576;
const FETCH_WAIT_MS = 1_000;

/** Reads at most so many records a second, over all its calls. */
export class RepairReader {
  readonly #options: RepairReaderOptions;
  readonly #startedMs: number;
  #passed = 0;

  constructor(options: RepairReaderOptions) {
    this.#options = options;
    this.#startedMs = options.clock.elapsedMs();
  }

  /** How many offsets it has passed. */
  get passed(): number {
    return this.#passed;
  }

  /** Reads a span; false when the taker ended it. @throws {RetryableError} when the log cannot be read to its end */
  async read(span: OffsetSpan, taker: RecordTaker): Promise<boolean> {
    const { source } = this.#options;
    for (let offset = span.from; offset < span.to;) {
      const found = await this.#fetch(span.partition, offset);
      const next = walkRecords(found, (record) => {
        if (record.offset >= offset && record.offset < span.to) taker.take(record);
      }) ?? offset;
      source.recycle(found.buffer);
      const passed = Math.min(next, span.to) - offset;
      offset = next;
      if (!taker.settle(passed)) return false;
      await this.#pace(passed);
    }
    return true;
  }

  async #fetch(partition: number, offset: number): Promise<Extract<Fetched, { kind: "bytes" }>> {
    const { source, clock, signal } = this.#options;
    const [found] = await patiently(async () => {
      const wants = [{ partition, offset, maxBytes: FETCH_BYTES }];
      return await source.fetch(wants, { maxWaitMs: FETCH_WAIT_MS });
    }, { clock, signal });
    assertGoing(signal);
    if (found?.kind === "bytes") return found;
    const why = found === undefined ? "there is no answer" : `the log begins at ${found.logStartOffset} by now`;
    throw new RetryableError(`Cannot read offset ${offset} of partition ${partition}: ${why}; run it again`);
  }

  async #pace(passed: number): Promise<void> {
    const { clock, recordsPerSecond, signal } = this.#options;
    this.#passed += passed;
    const aheadMs = this.#passed * 1_000 / recordsPerSecond - (clock.elapsedMs() - this.#startedMs);
    if (aheadMs > 0) await sleep(clock, aheadMs, signal);
  }
}

/** @throws {RetryableError} when a repair has been told to stop, or its turn is over. */
export function assertGoing(signal: AbortSignal): void {
  if (signal.aborted) {
    throw new RetryableError("Cannot finish the repair: it was stopped, or its turn is over; run it again");
  }
}
