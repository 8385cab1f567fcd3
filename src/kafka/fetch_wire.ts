/**
 * Kafka's Fetch request on a wire of our own: record batches go from the socket to pooled buffers, in one copy.
 *
 * The library's own parser makes an object per record, which costs 4 to 8 times as much as everything else together; its
 * sockets make an object per 64 KiB and hold an answer whole before it is copied, which costs three times as much as this.
 */
import { fetchV12 } from "@platformatic/kafka";
import { wholeBatchesLength } from "../stream/record_batch.ts";
import type { AbortedTransaction } from "../stream/source.ts";
import type { BufferPool } from "../stream/buffer_pool.ts";
import type { BrokerWire, RequestKind } from "./broker_wire.ts";
import type { WireReader } from "./wire_reader.ts";

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

const KIND: RequestKind = { key: 1, version: 12, isFlexible: { request: true, answer: true } };
/** A broker may send the first batch whole, however large it is: message.max.bytes of a topic, 1 MiB unless changed. */
const MAX_ANSWER_BYTES = 512 * 1024 * 1024;

/** Fetches into buffers of `pool`. */
export async function fetchOver(
  wire: BrokerWire,
  request: FetchArguments,
  { pool, withinMs }: { readonly pool: BufferPool; readonly withinMs: number },
): Promise<FetchAnswer> {
  const partitions: FetchedPartition[] = [];
  const body = fetchV12.createRequest(...request);
  const read = (reader: WireReader) => readAnswer(reader, { pool, partitions });
  try {
    const errorCode = await wire.call({ kind: KIND, body, maxBytes: MAX_ANSWER_BYTES, withinMs, read });
    return { errorCode, partitions };
  } catch (error) {
    for (const { buffer } of partitions) pool.give(buffer);
    throw error;
  }
}

/** Where the partitions of an answer go. */
interface Answering {
  readonly pool: BufferPool;
  readonly partitions: FetchedPartition[];
}

/** Source: FetchResponse.json of Apache Kafka, version 12. */
async function readAnswer(reader: WireReader, { pool, partitions }: Answering): Promise<number> {
  await reader.int32(); // Throttle time: the broker itself delays us.
  const errorCode = await reader.int16();
  await reader.int32(); // Session: we use none.
  await reader.array(async () => {
    await reader.text();
    await reader.array(async () => void partitions.push(await readPartition(reader, pool)));
    await reader.skipTagged();
  });
  return errorCode;
}

async function readPartition(reader: WireReader, pool: BufferPool): Promise<FetchedPartition> {
  const partition = await reader.int32();
  const errorCode = await reader.int16();
  await reader.int64(); // High watermark: readers of committed records end at the last stable offset.
  const lastStableOffset = Number(await reader.int64());
  const logStartOffset = Number(await reader.int64());
  const aborted = await reader.array(() => readAborted(reader));
  await reader.int32(); // Preferred read replica: none without a rack id.
  const batches = await readBatches(reader, pool);
  await reader.skipTagged();
  return { partition, errorCode, lastStableOffset, logStartOffset, aborted, ...batches };
}

async function readAborted(reader: WireReader): Promise<AbortedTransaction> {
  const producerId = await reader.int64(), firstOffset = Number(await reader.int64());
  await reader.skipTagged();
  return { producerId, firstOffset };
}

async function readBatches(
  reader: WireReader,
  pool: BufferPool,
): Promise<{ readonly buffer: ArrayBuffer; readonly byteLength: number }> {
  const length = await reader.varint() - 1;
  if (length <= 0) return { buffer: new ArrayBuffer(0), byteLength: 0 };
  if (length > reader.left) {
    throw new SyntaxError(`Cannot read answer: ${length} bytes of batches, ${reader.left} are left`);
  }
  const buffer = pool.take(length);
  await reader.into(new Uint8Array(buffer, 0, length));
  return { buffer, byteLength: wholeBatchesLength(new DataView(buffer), length) };
}
