/**
 * Records on their way to the log: the batch being filled and the batches not yet acknowledged.
 *
 * I1. At most `batchRecords` records or, unless one record alone is larger, `batchBytes` bytes in a batch; at most
 *     `maxInFlight` batches under way. Whoever sends one more waits.
 * I2. After a failed batch none is sent.
 */
import type { LogProducer, LogRecord } from "../stream/log_producer.ts";

/** Bounds of an `Outbox`. */
export interface OutboxOptions {
  readonly batchRecords: number;
  readonly batchBytes: number;
  readonly maxInFlight: number;
}

/** Batches records and keeps count of what was acknowledged. */
export class Outbox {
  readonly #producer: LogProducer;
  readonly #options: OutboxOptions;
  readonly #inFlight = new Set<Promise<void>>();
  #batch: LogRecord[] = [];
  #batchBytes = 0;
  #failure: { readonly cause: unknown } | undefined;
  #acknowledged = 0;
  #acknowledgedBytes = 0;
  #handedOver = 0;

  /** @throws {RangeError} when a bound is not at least 1. */
  constructor(producer: LogProducer, options: OutboxOptions) {
    for (const [name, value] of Object.entries(options)) {
      if (!(value >= 1)) throw new RangeError(`Cannot create outbox: ${name} must be >= 1, got ${value}`);
    }
    this.#producer = producer;
    this.#options = options;
  }

  /** Records that the log has acknowledged. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Bytes of keys and values acknowledged. */
  get acknowledgedBytes(): number {
    return this.#acknowledgedBytes;
  }

  /** Records sent of which it is not known whether they are in the log. */
  get unknown(): number {
    return this.#handedOver - this.#acknowledged;
  }

  /** The first failed send, if any. */
  get failure(): { readonly cause: unknown } | undefined {
    return this.#failure;
  }

  /** True when `record` must not be added before a `flush`. */
  isFullFor(record: LogRecord): boolean {
    if (this.#batch.length === 0) return false;
    return this.#batch.length >= this.#options.batchRecords ||
      this.#batchBytes + sizeOf(record) > this.#options.batchBytes;
  }

  /** Puts a record into the batch being filled. */
  add(record: LogRecord): void {
    this.#batch.push(record);
    this.#batchBytes += sizeOf(record);
  }

  /** Sends the batch being filled, once there is room for one more under way. */
  async flush(): Promise<void> {
    while (this.#inFlight.size >= this.#options.maxInFlight) await Promise.race(this.#inFlight);
    if (this.#batch.length === 0 || this.#failure) return;
    const sending = this.#send(this.#batch, this.#batchBytes);
    this.#inFlight.add(sending);
    sending.finally(() => this.#inFlight.delete(sending));
    this.#batch = [];
    this.#batchBytes = 0;
  }

  /** Resolves once every batch under way has been acknowledged or has failed. */
  async settle(): Promise<void> {
    await Promise.all(this.#inFlight);
  }

  /** Never rejects: a failure is kept for the owner to see. */
  async #send(batch: readonly LogRecord[], batchBytes: number): Promise<void> {
    this.#handedOver += batch.length;
    try {
      await this.#producer.send(batch);
      this.#acknowledged += batch.length;
      this.#acknowledgedBytes += batchBytes;
    } catch (cause) {
      this.#failure ??= { cause };
    }
  }
}

function sizeOf(record: LogRecord): number {
  return (record.key?.length ?? 0) + (record.value?.length ?? 0);
}
