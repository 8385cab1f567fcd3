/**
 * Kafka's Fetch request with an answer of our own: record batches stay bytes, copied once, into pooled buffers.
 *
 * The library's own parser makes an object per record, which costs 4 to 8 times as much as everything else together.
 */
import { type API, createAPI, fetchV12, type Reader } from "@platformatic/kafka";
import { wholeBatchesLength } from "../stream/record_batch.ts";
import type { AbortedTransaction } from "../stream/source.ts";
import type { BufferPool } from "../stream/buffer_pool.ts";

/** What one partition answered. */
export interface FetchedPartition {
  readonly partition: number;
  readonly errorCode: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  readonly aborted: readonly AbortedTransaction[];
  /** The first `byteLength` bytes are whole batches. */
  readonly buffer: ArrayBuffer;
  readonly byteLength: number;
}

/** What one fetch answered. */
export interface FetchAnswer {
  readonly errorCode: number;
  readonly partitions: readonly FetchedPartition[];
}

/** Arguments of a fetch request. */
export type FetchArguments = Parameters<typeof fetchV12.createRequest>;

const FETCH_KEY = 1;
const FETCH_VERSION = 12;

/** A fetch call whose answers live in buffers of `pool`. */
export function rawFetch(pool: BufferPool): API<FetchArguments, FetchAnswer> {
  return createAPI<FetchArguments, FetchAnswer>(
    FETCH_KEY,
    FETCH_VERSION,
    fetchV12.createRequest,
    (...[, , , reader]) => readAnswer(reader, pool),
  );
}

/** Source: FetchResponse.json of Apache Kafka, version 12. */
function readAnswer(reader: Reader, pool: BufferPool): FetchAnswer {
  reader.readInt32(); // Throttle time: the broker itself delays us.
  const errorCode = reader.readInt16();
  reader.readInt32(); // Session: we use none.
  const partitions: FetchedPartition[] = [];
  reader.readArray((topic) => {
    topic.readString();
    topic.readArray((partition) => partitions.push(readPartition(partition, pool)));
  });
  return { errorCode, partitions };
}

function readPartition(reader: Reader, pool: BufferPool): FetchedPartition {
  const partition = reader.readInt32();
  const errorCode = reader.readInt16();
  reader.readInt64(); // High watermark: readers of committed records end at the last stable offset.
  const lastStableOffset = Number(reader.readInt64());
  const logStartOffset = Number(reader.readInt64());
  const aborted = reader.readNullableArray(readAborted) ?? [];
  reader.readInt32(); // Preferred read replica: none without a rack id.
  return { partition, errorCode, lastStableOffset, logStartOffset, aborted, ...readBatches(reader, pool) };
}

function readAborted(reader: Reader): AbortedTransaction {
  return { producerId: reader.readInt64(), firstOffset: Number(reader.readInt64()) };
}

function readBatches(reader: Reader, pool: BufferPool): { buffer: ArrayBuffer; byteLength: number } {
  const length = reader.readUnsignedVarInt() - 1;
  if (length <= 0) return { buffer: new ArrayBuffer(0), byteLength: 0 };
  const buffer = pool.take(length);
  const target = new Uint8Array(buffer);
  let at = 0;
  for (const chunk of reader.buffer.subarray(reader.position, reader.position + length).buffers) {
    target.set(chunk, at);
    at += chunk.length;
  }
  reader.skip(length);
  return { buffer, byteLength: wholeBatchesLength(new DataView(buffer), length) };
}
