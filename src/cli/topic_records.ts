/** Records of the topic, for commands that look at them one by one; reads without joining a group. */
import { CommittedFilter } from "../stream/committed_filter.ts";
import { readBatchHeader } from "../stream/record_batch.ts";
import { RecordCursor } from "../stream/record_cursor.ts";
import type { Fetched, FetchedBytes, Source } from "../stream/source.ts";

/** A record where it lies; its bytes are good until the next one is asked for. */
export interface TopicRecord {
  readonly partition: number;
  readonly offset: number;
  /** Kafka timestamp in ms; negative when there is none. */
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

const FETCH_BYTES = 1_048_576;
const WAIT_MS = 250;

/** What to read. */
export interface ReadOptions {
  /** Read no more than this many of the newest offsets of each partition. @default all */
  readonly newest?: number;
  /** Go on with what comes until this is aborted. @default the ends of now */
  readonly follow?: AbortSignal | undefined;
}

/** Reads all partitions, each in its order. */
export async function* readTopic(source: Source, { newest, follow }: ReadOptions): AsyncGenerator<TopicRecord> {
  const { partitions } = await source.describe();
  const next = new Map(
    partitions.map(({ partition, first, end }) => [partition, Math.max(first, end - (newest ?? Infinity))]),
  );
  const stops = new Map(partitions.map(({ partition, end }) => [partition, follow === undefined ? end : Infinity]));
  const isLeft = (partition: number) => !follow?.aborted && (next.get(partition) ?? 0) < (stops.get(partition) ?? 0);
  for (;;) {
    const open = [...next.keys()].filter(isLeft);
    if (open.length === 0) return;
    const lanes = Map.groupBy(open, (partition) => source.laneOf(partition));
    const answers = await Promise.all([...lanes.values()].map((lane) => {
      const wants = lane.map((partition) => ({ partition, offset: next.get(partition) ?? 0, maxBytes: FETCH_BYTES }));
      return source.fetch(wants, { maxWaitMs: WAIT_MS });
    }));
    for (const answer of answers.flat()) {
      const from = next.get(answer.partition) ?? 0;
      yield* recordsIn(answer, from);
      next.set(answer.partition, nextAfter(answer, from));
      if (answer.kind === "bytes") source.recycle(answer.buffer);
    }
  }
}

function* recordsIn(answer: Fetched, from: number): Generator<TopicRecord> {
  if (answer.kind !== "bytes") return;
  const { view, headers } = batchesOf(answer);
  const cursor = new RecordCursor(), filter = new CommittedFilter(answer.aborted);
  for (const header of headers) {
    if (filter.kindOf(view, header) !== "data") continue;
    cursor.open(view, header);
    while (cursor.next()) {
      const { offset, timestampMs } = cursor;
      if (offset >= from) {
        yield { partition: answer.partition, offset, timestampMs, key: cursor.key(), value: cursor.value() };
      }
    }
  }
}

/** What to ask for next: after the last batch, or where the log begins when retention took what was wanted. */
function nextAfter(answer: Fetched, from: number): number {
  if (answer.kind === "outOfRange") return Math.max(from, answer.logStartOffset);
  return Math.max(from, ...batchesOf(answer).headers.map(({ lastOffset }) => lastOffset + 1));
}

function batchesOf({ buffer, byteLength }: FetchedBytes) {
  const view = new DataView(buffer, 0, byteLength), headers = [];
  for (let at = 0; at < byteLength;) {
    const header = readBatchHeader(view, at);
    headers.push(header);
    at = header.nextAt;
  }
  return { view, headers };
}
