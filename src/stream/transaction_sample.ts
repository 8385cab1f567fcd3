/**
 * A few of the transactions that go by, for people to look at.
 *
 * I1. At most `perSecond` records a second are decoded, one of a fetch, whatever the load.
 * I2. At most `capacity` samples wait to be taken; one more drops the oldest.
 * I3. Who bought is never part of a sample.
 */
import type { Clock } from "../clock.ts";
import type { FieldMap } from "../domain/field_map.ts";
import { decodeTransaction } from "../domain/transaction.ts";
import { CommittedFilter } from "./committed_filter.ts";
import { type BatchHeader, readBatchHeader } from "./record_batch.ts";
import { RecordCursor } from "./record_cursor.ts";
import type { Fetched, FetchedBytes } from "./source.ts";

/** One transaction that went by. */
export interface Sample {
  readonly partition: number;
  readonly offset: number;
  /** Event time. */
  readonly occurredAtMs: number;
  readonly category: string;
  readonly region: string;
  readonly amount: number;
  readonly isFraud: boolean;
}

/** How much is sampled. */
export interface TransactionSampleOptions {
  readonly clock: Clock;
  readonly fieldMap: FieldMap;
  /** @default 5 */
  readonly perSecond?: number;
  /** @default 50 */
  readonly capacity?: number;
}

/** A packed batch beyond this is passed over: unpacking it would cost more than a look is worth. */
const MAX_PACKED_BYTES = 65_536;

/** Takes a look at fetched batches now and then; their bytes stay as they are. */
export class TransactionSample {
  readonly #options: TransactionSampleOptions;
  readonly #everyMs: number;
  readonly #capacity: number;
  readonly #cursor = new RecordCursor();
  readonly #waiting: Sample[] = [];
  #dueAtMs = -Infinity;
  #turn = 0;

  constructor(options: TransactionSampleOptions) {
    const { perSecond = 5, capacity = 50 } = options;
    if (!(perSecond > 0)) throw new RangeError(`Cannot sample: perSecond must be > 0, got ${perSecond}`);
    if (!(capacity > 0)) throw new RangeError(`Cannot sample: capacity must be > 0, got ${capacity}`);
    this.#options = options;
    this.#everyMs = 1_000 / perSecond;
    this.#capacity = capacity;
  }

  /** Looks at one record of what was fetched, when it is time to. Cost: nothing most of the time, else microseconds. */
  offer(answers: readonly Fetched[]): void {
    const nowMs = this.#options.clock.elapsedMs();
    if (nowMs < this.#dueAtMs) return;
    const found = answers.filter((answer) => answer.kind === "bytes" && answer.byteLength > 0);
    const answer = found[this.#turn++ % Math.max(1, found.length)];
    const sample = answer?.kind === "bytes" ? this.#look(answer) : undefined;
    if (sample === undefined) return;
    this.#dueAtMs = nowMs + this.#everyMs;
    if (this.#waiting.length === this.#capacity) this.#waiting.shift();
    this.#waiting.push(sample);
  }

  /** What was sampled since the last call, oldest first. */
  take(): readonly Sample[] {
    return this.#waiting.splice(0);
  }

  /** Malformed bytes are the worker's to refuse, with their reason; here they are only no sample. */
  #look({ buffer, byteLength, partition, aborted }: FetchedBytes): Sample | undefined {
    try {
      const view = new DataView(buffer, 0, byteLength), header = readBatchHeader(view, 0);
      if (new CommittedFilter(aborted).kindOf(view, header) !== "data" || isCostly(header)) return undefined;
      this.#cursor.open(view, header);
      return this.#cursor.next() ? this.#decode(partition) : undefined;
    } catch (failure) {
      if (failure instanceof SyntaxError) return undefined;
      throw failure;
    }
  }

  #decode(partition: number): Sample | undefined {
    const { offset, timestampMs } = this.#cursor, value = this.#cursor.value();
    if (value === null) return undefined;
    const found = decodeTransaction(value, this.#options.fieldMap, timestampMs < 0 ? undefined : timestampMs);
    if ("reason" in found) return undefined;
    const { occurredAtMs, category, region, amount, isFraud } = found;
    return { partition, offset, occurredAtMs, category, region, amount, isFraud };
  }
}

function isCostly({ codec, at, nextAt }: BatchHeader): boolean {
  return codec !== "none" && nextAt - at > MAX_PACKED_BYTES;
}
