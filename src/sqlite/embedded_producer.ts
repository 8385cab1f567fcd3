/** The producing side of the embedded log. */
import type { Clock } from "../clock.ts";
import { partitionOf } from "../domain/partitioner.ts";
import type { LogProducer, LogRecord } from "../stream/log_producer.ts";
import { buildRecordBatch } from "../stream/record_batch_builder.ts";
import type { LogFile } from "./log_file.ts";

/** A batch is closed once its keys and values have this many bytes; a single larger record still goes whole. */
const BATCH_BYTES = 256 * 1024;

/** Appends to one topic. Several may, in this process and in others. */
export class EmbeddedProducer implements LogProducer {
  readonly #file: LogFile;
  readonly #topic: string;
  readonly #clock: Clock;
  /** Counts records without a key, which go to the partitions in turn. */
  #keyless = 0;

  constructor(file: LogFile, topic: string) {
    this.#file = file;
    this.#topic = topic;
    this.#clock = file.clock;
  }

  send(records: readonly LogRecord[]): Promise<void> {
    return Promise.try(() => {
      if (records.length === 0) return;
      const { topics, database, signal } = this.#file;
      const ids = topics.partitionsOf(this.#topic).map((partition) => partition.id);
      const nowMs = Math.trunc(this.#clock.nowMs());
      const built = [...Map.groupBy(records, (record) => this.#partitionFor(record, ids.length))]
        .map(([partition, mine]) => ({ id: ids[partition] ?? NaN, batches: batchesOf(mine, nowMs) }));
      database.transaction("append records", () => this.#append(built, nowMs));
      signal.changed();
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #append(built: readonly Built[], nowMs: number): void {
    const { batches, retention: { maxAgeMs, maxBytes } } = this.#file;
    for (const { id, batches: fresh } of built) {
      for (const batch of fresh) batches.append(id, batch, nowMs);
      batches.trim(id, ({ appendMs }, partitionBytes) => appendMs < nowMs - maxAgeMs || partitionBytes > maxBytes);
    }
  }

  #partitionFor(record: LogRecord, partitions: number): number {
    if (record.key !== null) return partitionOf(record.key, partitions);
    this.#keyless = (this.#keyless + 1) % partitions;
    return this.#keyless;
  }
}

interface Built {
  /** The partition's, in the tables. */
  readonly id: number;
  readonly batches: readonly Uint8Array<ArrayBuffer>[];
}

function batchesOf(records: readonly LogRecord[], timestampMs: number): Uint8Array<ArrayBuffer>[] {
  const batches: Uint8Array<ArrayBuffer>[] = [];
  let from = 0;
  let bytes = 0;
  for (const [index, { key, value }] of records.entries()) {
    const size = (key?.length ?? 0) + (value?.length ?? 0);
    if (index > from && bytes + size > BATCH_BYTES) {
      batches.push(buildRecordBatch(records.slice(from, index), { timestampMs }));
      from = index;
      bytes = 0;
    }
    bytes += size;
  }
  batches.push(buildRecordBatch(records.slice(from), { timestampMs }));
  return batches;
}
