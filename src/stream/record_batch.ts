/**
 * Record batches: Kafka's format v2, the unit that the log stores and every source hands over.
 *
 * I1. Nothing here reads outside the bytes it was given: a length that points elsewhere is a SyntaxError with its offset.
 * I2. One plain object per batch, none per record; `RecordCursor` walks the records.
 *
 * Source: Apache Kafka, "Message Format", and `DefaultRecordBatch.java`.
 */
import { crc32c } from "./crc32c.ts";

/** How the records of a batch are compressed, in the order of Kafka's numbers. */
export const CODECS = ["none", "gzip", "snappy", "lz4", "zstd"] as const;

/** How the records of a batch are compressed. */
export type Codec = typeof CODECS[number];

/** The bytes of a batch before its records. */
export const BATCH_HEADER_BYTES = 61;

/** Where the fields of a header stand, in bytes from the start of the batch. */
export const HEADER_AT = {
  baseOffset: 0,
  batchLength: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordCount: 57,
} as const;

/** The bits of a header's attributes above the codec's three. */
export const ATTRIBUTE = { appendTime: 0x08, transactional: 0x10, control: 0x20 } as const;

const CODEC_MASK = 0x07;
const LENGTH_BYTES = 12;
const MAGIC = 2;

/** What stands before the records of a batch. */
export interface BatchHeader {
  /** Where the batch begins in the view it was read from. */
  readonly at: number;
  /** Where the next one begins. */
  readonly nextAt: number;
  readonly baseOffset: number;
  /** The offset of its last record, whether that is still there or compacted away. */
  readonly lastOffset: number;
  readonly codec: Codec;
  readonly timestampType: "createTime" | "appendTime";
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  /** Wall ms that record timestamps are relative to. */
  readonly baseTimestampMs: number;
  /** Wall ms: the highest timestamp, and every record's when `timestampType` is append time. −1: none. */
  readonly maxTimestampMs: number;
  /** −1: none. */
  readonly producerId: bigint;
  /** Records there are; may be fewer than the offsets that the batch spans. */
  readonly recordCount: number;
}

/**
 * Reads the header of the batch that begins at `at`.
 *
 * @throws {SyntaxError} when the batch is not whole, not of format v2, or contradicts itself.
 */
export function readBatchHeader(view: DataView, at: number): BatchHeader {
  const nextAt = batchEnd(view, at);
  if (nextAt === undefined) throw malformed(at, `batch is cut off at byte ${view.byteLength}`);
  const magic = view.getInt8(at + HEADER_AT.magic);
  if (magic !== MAGIC) throw malformed(at, `format ${magic} is not 2`);
  const attributes = view.getInt16(at + HEADER_AT.attributes);
  const codec = CODECS[attributes & CODEC_MASK];
  if (codec === undefined) throw malformed(at, `codec ${attributes & CODEC_MASK} is unknown`);
  const baseOffset = int64(view, at + HEADER_AT.baseOffset);
  const lastOffset = baseOffset + view.getInt32(at + HEADER_AT.lastOffsetDelta);
  if (!Number.isSafeInteger(lastOffset) || baseOffset < 0 || lastOffset < baseOffset) {
    throw malformed(at, `offsets ${baseOffset} to ${lastOffset} are no range below 2^53`);
  }
  const recordCount = view.getInt32(at + HEADER_AT.recordCount);
  if (recordCount < 0 || recordCount > lastOffset - baseOffset + 1) {
    throw malformed(at, `${recordCount} records do not fit offsets ${baseOffset} to ${lastOffset}`);
  }
  return {
    at,
    nextAt,
    baseOffset,
    lastOffset,
    codec,
    timestampType: (attributes & ATTRIBUTE.appendTime) === 0 ? "createTime" : "appendTime",
    isTransactional: (attributes & ATTRIBUTE.transactional) !== 0,
    isControl: (attributes & ATTRIBUTE.control) !== 0,
    baseTimestampMs: int64(view, at + HEADER_AT.baseTimestamp),
    maxTimestampMs: Math.max(int64(view, at + HEADER_AT.maxTimestamp), -1),
    producerId: view.getBigInt64(at + HEADER_AT.producerId),
    recordCount,
  };
}

/**
 * How many of the first `byteLength` bytes are whole batches: a broker may cut the last one off.
 *
 * @throws {SyntaxError} when a length is impossible.
 */
export function wholeBatchesLength(view: DataView, byteLength: number): number {
  const bounded = new DataView(view.buffer, view.byteOffset, byteLength);
  let at = 0;
  while (at < byteLength) {
    const end = batchEnd(bounded, at);
    if (end === undefined) break;
    at = end;
  }
  return at;
}

/** Refuses a batch whose checksum is wrong. @throws {SyntaxError} */
export function assertCrc(view: DataView, header: BatchHeader): void {
  if (!hasValidCrc(view, header)) throw malformed(header.at, "its checksum is wrong");
}

/** Whether the checksum of the batch is right. Cost: about 1 ns a byte. */
export function hasValidCrc(view: DataView, header: BatchHeader): boolean {
  return view.getUint32(header.at + HEADER_AT.crc) === crcOf(view, header.at, header.nextAt);
}

/**
 * Makes a batch part of a log in place, as a broker does for a topic with append time: gives it its first offset, stamps
 * it, and computes its checksum anew.
 */
export function stampBatch(
  view: DataView,
  stamp: { readonly baseOffset: number; readonly appendTimeMs: number },
): void {
  const header = readBatchHeader(view, 0);
  view.setBigInt64(HEADER_AT.baseOffset, BigInt(stamp.baseOffset));
  view.setInt32(HEADER_AT.leaderEpoch, 0);
  view.setInt16(HEADER_AT.attributes, view.getInt16(HEADER_AT.attributes) | ATTRIBUTE.appendTime);
  view.setBigInt64(HEADER_AT.maxTimestamp, BigInt(stamp.appendTimeMs));
  view.setUint32(HEADER_AT.crc, crcOf(view, 0, header.nextAt));
}

/** The error for bytes that cannot be: `at` is where in the view that was read. */
export function malformed(at: number, reason: string): SyntaxError {
  return new SyntaxError(`Cannot read record batch: at byte ${at}, ${reason}`);
}

/** Where the batch ends, or undefined when the view ends first. */
function batchEnd(view: DataView, at: number): number | undefined {
  if (at + LENGTH_BYTES > view.byteLength) return undefined;
  const batchLength = view.getInt32(at + HEADER_AT.batchLength);
  if (batchLength < BATCH_HEADER_BYTES - LENGTH_BYTES) throw malformed(at, `batch length ${batchLength} is too small`);
  const end = at + LENGTH_BYTES + batchLength;
  return end <= view.byteLength ? end : undefined;
}

function crcOf(view: DataView, at: number, nextAt: number): number {
  const from = at + HEADER_AT.attributes;
  return crc32c(new Uint8Array(view.buffer, view.byteOffset + from, nextAt - from));
}

/** A 64-bit integer as a number: exact up to 2^53, nearest beyond. */
function int64(view: DataView, at: number): number {
  return view.getInt32(at) * 0x1_0000_0000 + view.getUint32(at + 4);
}
