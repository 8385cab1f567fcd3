/**
 * Writes record batches (Kafka format v2) as bytes.
 *
 * Source: Apache Kafka, "Message Format".
 */
import { ByteWriter, sizedBytes, varintBytes } from "./byte_writer.ts";
import { compress } from "./compression.ts";
import { crc32c } from "./crc32c.ts";
import { ATTRIBUTE, BATCH_HEADER_BYTES, type Codec, CODECS, HEADER_AT } from "./record_batch.ts";
import type { LogRecord } from "./log_producer.ts";

/** A record as it goes into a batch. */
export interface BatchRecord extends LogRecord {
  /** Wall ms. @default the batch's */
  readonly timestampMs?: number;
  /** Relative to the batch's first offset, rising from record to record. @default one more than the record before */
  readonly offsetDelta?: number;
}

/** What stands in the header. */
export interface BatchOptions {
  /** Wall ms; −1: the records have none. */
  readonly timestampMs: number;
  /** @default 0 */
  readonly baseOffset?: number;
  /** @default "none" */
  readonly codec?: Codec;
  /** @default "createTime" */
  readonly timestampType?: "createTime" | "appendTime";
  /** @default −1, none */
  readonly producerId?: bigint;
  /** @default false */
  readonly transactional?: boolean;
  /** @default false */
  readonly control?: boolean;
}

/** The numbers of a usual record and the room that a varint asks for. */
const RECORD_OVERHEAD = 24;
const NO_HEADERS: readonly Uint8Array[] = [];
const encoder = new TextEncoder();

/**
 * One batch of at least one record; the result is the whole of its buffer.
 *
 * @throws {RangeError} when there are no records.
 */
export function buildRecordBatch(records: readonly BatchRecord[], options: BatchOptions): Uint8Array<ArrayBuffer> {
  if (records.length === 0) throw new RangeError("Cannot build record batch: there are 0 records");
  const { codec = "none" } = options;
  const body = new ByteWriter(capacityFor(records));
  let maxTimestampMs = options.timestampMs;
  let offsetDelta = -1;
  for (const record of records) {
    offsetDelta = record.offsetDelta ?? offsetDelta + 1;
    const timestampMs = record.timestampMs ?? options.timestampMs;
    maxTimestampMs = Math.max(maxTimestampMs, timestampMs);
    writeRecord(body, record, { timestampDelta: timestampMs - options.timestampMs, offsetDelta });
  }
  const packed = compress(codec, body.bytes());
  const batch = new Uint8Array(BATCH_HEADER_BYTES + packed.length);
  batch.set(packed, BATCH_HEADER_BYTES);
  writeHeader(batch, options, { lastOffsetDelta: offsetDelta, maxTimestampMs, recordCount: records.length });
  return batch;
}

interface Written {
  readonly lastOffsetDelta: number;
  readonly maxTimestampMs: number;
  readonly recordCount: number;
}

function writeHeader(batch: Uint8Array, options: BatchOptions, written: Written): void {
  const view = new DataView(batch.buffer);
  const { codec = "none", timestampType = "createTime", producerId = -1n, baseOffset = 0 } = options;
  const attributes = CODECS.indexOf(codec) | (timestampType === "appendTime" ? ATTRIBUTE.appendTime : 0) |
    (options.transactional ? ATTRIBUTE.transactional : 0) | (options.control ? ATTRIBUTE.control : 0);
  view.setBigInt64(HEADER_AT.baseOffset, BigInt(baseOffset));
  view.setInt32(HEADER_AT.batchLength, batch.length - HEADER_AT.leaderEpoch);
  view.setInt32(HEADER_AT.leaderEpoch, -1);
  view.setInt8(HEADER_AT.magic, 2);
  view.setInt16(HEADER_AT.attributes, attributes);
  view.setInt32(HEADER_AT.lastOffsetDelta, written.lastOffsetDelta);
  view.setBigInt64(HEADER_AT.baseTimestamp, BigInt(options.timestampMs));
  view.setBigInt64(HEADER_AT.maxTimestamp, BigInt(written.maxTimestampMs));
  view.setBigInt64(HEADER_AT.producerId, producerId);
  view.setInt16(HEADER_AT.producerEpoch, producerId === -1n ? -1 : 0);
  view.setInt32(HEADER_AT.baseSequence, -1);
  view.setInt32(HEADER_AT.recordCount, written.recordCount);
  view.setUint32(HEADER_AT.crc, crc32c(batch.subarray(HEADER_AT.attributes)));
}

function writeRecord(
  body: ByteWriter,
  record: BatchRecord,
  deltas: { readonly timestampDelta: number; readonly offsetDelta: number },
): void {
  const { key, value } = record;
  const { timestampDelta, offsetDelta } = deltas;
  const headers = record.headers === undefined ? NO_HEADERS : encoded(record.headers);
  let length = 1 + varintBytes(timestampDelta) + varintBytes(offsetDelta) + sizedBytes(key) +
    sizedBytes(value) + varintBytes(headers.length / 2);
  for (const text of headers) length += sizedBytes(text);
  body.varint(length);
  body.byte(0);
  body.varint(timestampDelta);
  body.varint(offsetDelta);
  body.sized(key);
  body.sized(value);
  body.varint(headers.length / 2);
  for (const text of headers) body.sized(text);
}

/** Bytes that suffice unless there are headers. */
function capacityFor(records: readonly BatchRecord[]): number {
  let bytes = 0;
  for (const { key, value } of records) bytes += RECORD_OVERHEAD + (key?.length ?? 0) + (value?.length ?? 0);
  return bytes;
}

/** Names and values in turn. */
function encoded(headers: Readonly<Record<string, string>>): readonly Uint8Array[] {
  return Object.entries(headers).flat().map((text) => encoder.encode(text));
}
