/**
 * The topic, decided and counted the plain way: every record read, `JSON.parse` and the schema, the definitions of
 * DESIGN.md §2 word by word. Knows nothing of panes kept, checkpoints or workers.
 */
import { Backends } from "../../src/cli/backends.ts";
import { systemClock } from "../../src/clock.ts";
import type { Config } from "../../src/config.ts";
import { decodeTransaction } from "../../src/domain/transaction.ts";
import { CommittedFilter } from "../../src/stream/committed_filter.ts";
import { readBatchHeader } from "../../src/stream/record_batch.ts";
import { RecordCursor } from "../../src/stream/record_cursor.ts";
import type { FetchedBytes, OffsetRange, Source } from "../../src/stream/source.ts";
import type { OracleEvent } from "../fakes/naive_oracle.ts";

/** A record of the topic. */
export interface TopicRecord {
  readonly partition: number;
  readonly offset: number;
  /** Undefined: it has none. */
  readonly kafkaMs: number | undefined;
  readonly key: string | null;
  readonly value: Uint8Array | null;
}

/** What must become of a record. */
export type Decision =
  | { readonly record: TopicRecord; readonly kind: "counted"; readonly event: OracleEvent }
  | { readonly record: TopicRecord; readonly kind: "late" | "future" | "invalid"; readonly detail: string };

/** The largest value that is looked into; README, table of limits. */
const VALUE_MAX_BYTES = 1_000_000;
const FETCH_BYTES = 1_048_576;

/** All committed records of the topic, partition by partition. */
export async function readTopic(config: Config): Promise<readonly TopicRecord[]> {
  await using backends = new Backends(config, systemClock);
  const source = await backends.source();
  const { partitions } = await source.describe();
  const records: TopicRecord[] = [];
  for (const { partition, first, end } of partitions) {
    for await (const record of readPartition(source, partition, { first, end })) records.push(record);
  }
  return records;
}

/** What must become of each record when nothing but the records decides: no partition was raised before its end. */
export function decide(records: readonly TopicRecord[], config: Config): readonly Decision[] {
  const watermarks = new Map<number, number>();
  const { latenessMs, slideMs } = config.shape;
  return records.map((record) => {
    const read = eventOf(record, config);
    if ("detail" in read) return { record, kind: "invalid", detail: read.detail };
    const { kafkaMs = read.occurredAtMs } = record, { occurredAtMs } = read;
    if (occurredAtMs > kafkaMs + config.maxSkewMs) return { record, kind: "future", detail: "" };
    const before = watermarks.get(record.partition) ?? -Infinity;
    const watermarkMs = Math.max(before, Math.min(occurredAtMs, kafkaMs) - latenessMs);
    watermarks.set(record.partition, watermarkMs);
    const paneEndMs = (Math.floor(occurredAtMs / slideMs) + 1) * slideMs;
    return paneEndMs <= watermarkMs ? { record, kind: "late", detail: "" } : { record, kind: "counted", event: read };
  });
}

/** The events of a topic that are not among its dead letters: what must be in the store. */
export function withoutLetters(
  records: readonly TopicRecord[],
  letters: readonly { readonly partition: number; readonly offset: number }[],
  config: Config,
): readonly OracleEvent[] {
  const dead = new Set(letters.map(({ partition, offset }) => `${partition} ${offset}`));
  return records.filter(({ partition, offset }) => !dead.has(`${partition} ${offset}`)).map((record) => {
    const event = eventOf(record, config);
    if (!("detail" in event)) return event;
    throw new TypeError(
      `Cannot count offset ${record.offset} of ${record.partition}: ${event.detail}, yet no dead letter`,
    );
  });
}

function eventOf({ value, kafkaMs }: TopicRecord, { fieldMap }: Config): OracleEvent | { readonly detail: string } {
  if (value === null) return { detail: "null" };
  if (value.length > VALUE_MAX_BYTES) return { detail: "oversize" };
  const read = decodeTransaction(value, fieldMap, kafkaMs);
  if ("reason" in read) return { detail: read.reason };
  const { category, region, occurredAtMs, amount, isFraud, customerId: customer } = read;
  return { category, region, occurredAtMs, amount, isFraud, customer };
}

async function* readPartition(
  source: Source,
  partition: number,
  { first, end }: OffsetRange,
): AsyncGenerator<TopicRecord, void> {
  for (let offset = first; offset < end;) {
    const [found] = await source.fetch([{ partition, offset, maxBytes: FETCH_BYTES }], { maxWaitMs: 1_000 });
    if (found?.kind !== "bytes") throw new RangeError(`Cannot read partition ${partition}: ${offset} is not there`);
    for (const record of recordsOf(found)) {
      if (record.offset >= offset && record.offset < end) yield record;
    }
    offset = nextOffset(found, offset);
    source.recycle(found.buffer);
  }
}

function* recordsOf({ buffer, byteLength, partition, aborted }: FetchedBytes): Generator<TopicRecord, void> {
  const view = new DataView(buffer, 0, byteLength), cursor = new RecordCursor(), filter = new CommittedFilter(aborted);
  for (let at = 0; at < byteLength;) {
    const header = readBatchHeader(view, at);
    at = header.nextAt;
    if (filter.kindOf(view, header) !== "data") continue;
    cursor.open(view, header);
    while (cursor.next()) yield recordAt(cursor, partition);
  }
}

function recordAt(cursor: RecordCursor, partition: number): TopicRecord {
  const key = cursor.key();
  return {
    partition,
    offset: cursor.offset,
    kafkaMs: cursor.timestampMs < 0 ? undefined : cursor.timestampMs,
    key: key === null ? null : new TextDecoder().decode(key),
    value: cursor.value()?.slice() ?? null,
  };
}

function nextOffset({ buffer, byteLength }: FetchedBytes, offset: number): number {
  const view = new DataView(buffer, 0, byteLength);
  let next = offset;
  for (let at = 0; at < byteLength;) {
    const header = readBatchHeader(view, at);
    [next, at] = [header.lastOffset + 1, header.nextAt];
  }
  return next;
}
