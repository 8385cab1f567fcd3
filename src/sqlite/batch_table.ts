/**
 * The record batches of a log.
 *
 * I1. The batches of a partition follow each other without gaps, from its first offset to its end.
 * I2. Whatever retention says, the newest batch of a partition stays.
 */
import { readBatchHeader, stampBatch } from "../stream/record_batch.ts";
import { bytesIn, type Database, integerIn, type Row, type Statement } from "./database.ts";

/** Where a batch stands and what it weighs. */
export interface StoredBatch {
  readonly baseOffset: number;
  readonly nextOffset: number;
  /** Wall ms. */
  readonly appendMs: number;
  readonly byteLength: number;
}

/** What makes the oldest batch of a partition go, given the bytes that the partition holds with it. */
export type Expired = (oldest: StoredBatch, partitionBytes: number) => boolean;

/** The most batches that one append removes from its partition: removing may lag, never block. */
const MAX_REMOVED = 1_000;

const OLDEST = `SELECT id, base_offset, next_offset, append_ms, byte_length FROM batches
  WHERE partition = ? ORDER BY base_offset LIMIT 1`;

/** Appends, reads and removes batches; the caller brings the transaction for what writes. */
export class BatchTable {
  readonly #state: Statement;
  readonly #insert: Statement;
  readonly #advance: Statement;
  readonly #oldest: Statement;
  readonly #delete: Statement;
  readonly #shrink: Statement;
  readonly #sizes: Statement;
  readonly #read: Statement;
  readonly #offsetAt: Statement;

  constructor(database: Database) {
    this.#state = database.prepare("SELECT end_offset, bytes FROM partitions WHERE id = ?");
    this.#insert = database.prepare(
      `INSERT INTO batches (partition, base_offset, next_offset, append_ms, byte_length, batch)
        VALUES (?, ?, ?, ?, ?, ?)`,
    );
    this.#advance = database.prepare("UPDATE partitions SET end_offset = ?, bytes = bytes + ? WHERE id = ?");
    this.#oldest = database.prepare(OLDEST);
    this.#delete = database.prepare("DELETE FROM batches WHERE id = ?");
    this.#shrink = database.prepare("UPDATE partitions SET first_offset = ?, bytes = ? WHERE id = ?");
    const place = "(SELECT max(base_offset) FROM batches WHERE partition = ?1 AND base_offset <= ?2)";
    this.#sizes = database.prepare(
      `SELECT base_offset, byte_length FROM batches WHERE partition = ?1 AND base_offset >= ${place}
        ORDER BY base_offset`,
    );
    this.#read = database.prepare(
      "SELECT batch FROM batches WHERE partition = ? AND base_offset BETWEEN ? AND ? ORDER BY base_offset",
    );
    this.#offsetAt = database.prepare(
      "SELECT base_offset FROM batches WHERE partition = ? AND append_ms >= ? ORDER BY base_offset LIMIT 1",
    );
  }

  /** Gives the batch its offset and its time, in place, and appends it. */
  append(partitionId: number, batch: Uint8Array<ArrayBuffer>, appendMs: number): void {
    const baseOffset = integerIn(this.#state.get(partitionId), "end_offset");
    const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
    stampBatch(view, { baseOffset, appendTimeMs: appendMs });
    const nextOffset = readBatchHeader(view, 0).lastOffset + 1;
    this.#insert.run(partitionId, baseOffset, nextOffset, appendMs, batch.byteLength, batch);
    this.#advance.run(nextOffset, batch.byteLength, partitionId);
  }

  /** Removes the oldest batches of a partition as long as they are expired, at most 1,000. */
  trim(partitionId: number, expired: Expired): void {
    const state = this.#state.get(partitionId);
    const end = integerIn(state, "end_offset");
    let bytes = integerIn(state, "bytes");
    let first: number | undefined;
    for (let removed = 0; removed < MAX_REMOVED; removed++) {
      const row = this.#oldest.get(partitionId);
      const oldest = row && storedBatch(row);
      if (oldest === undefined || oldest.nextOffset === end || !expired(oldest, bytes)) break;
      this.#delete.run(integerIn(row, "id"));
      bytes -= oldest.byteLength;
      first = oldest.nextOffset;
    }
    if (first !== undefined) this.#shrink.run(first, bytes, partitionId);
  }

  /**
   * Copies whole batches, from the one that holds `offset` on, to a buffer of the caller's.
   *
   * Cost: one copy; batches that follow are left out once `maxBytes` would be passed.
   */
  read({ partitionId, offset, maxBytes }: BatchRange, allocate: (byteLength: number) => ArrayBuffer): BatchBytes {
    let byteLength = 0;
    let from: number | undefined;
    let to = offset;
    for (const row of this.#sizes.iterate(partitionId, offset)) {
      const size = integerIn(row, "byte_length");
      if (from !== undefined && byteLength + size > maxBytes) break;
      to = integerIn(row, "base_offset");
      from ??= to;
      byteLength += size;
    }
    const buffer = allocate(byteLength);
    return from === undefined
      ? { buffer, byteLength: 0 }
      : { buffer, byteLength: copyAll(this.#read.iterate(partitionId, from, to), new Uint8Array(buffer)) };
  }

  /** The first offset whose time is at or past `timeMs`, or undefined. */
  offsetAt(partitionId: number, timeMs: number): number | undefined {
    const row = this.#offsetAt.get(partitionId, timeMs);
    return row && integerIn(row, "base_offset");
  }
}

/** What to read of a partition. */
export interface BatchRange {
  readonly partitionId: number;
  readonly offset: number;
  /** Soft: the first batch comes whole. */
  readonly maxBytes: number;
}

/** The first `byteLength` bytes of `buffer` are batches. */
export interface BatchBytes {
  readonly buffer: ArrayBuffer;
  readonly byteLength: number;
}

function copyAll(rows: Iterable<Row>, into: Uint8Array): number {
  let at = 0;
  for (const row of rows) {
    const batch = bytesIn(row, "batch");
    into.set(batch, at);
    at += batch.length;
  }
  return at;
}

function storedBatch(row: Row): StoredBatch {
  return {
    baseOffset: integerIn(row, "base_offset"),
    nextOffset: integerIn(row, "next_offset"),
    appendMs: integerIn(row, "append_ms"),
    byteLength: integerIn(row, "byte_length"),
  };
}
