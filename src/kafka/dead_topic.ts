/**
 * The topic `<topic>.dead`: dead letters, and marks that say what was done about them, for Kafka's tools and ours.
 *
 * I1. One partition: records stand in the order in which they were appended.
 * I2. Old records go, by age and by size; how much stays is set when the topic is created and is the operator's after.
 */
import type { Clock } from "../clock.ts";
import { RetryableError } from "../stream/failures.ts";
import { readBatchHeader } from "../stream/record_batch.ts";
import { RecordCursor } from "../stream/record_cursor.ts";
import type { Fetched } from "../stream/source.ts";
import { KafkaAdmin } from "./kafka_admin.ts";
import type { KafkaConfig } from "./kafka_config.ts";
import { KafkaSource } from "./kafka_source.ts";

/** How dead letters are kept. */
export interface DeadTopicOptions {
  readonly clock: Clock;
  /** How long letters stay, if the topic is created now. @default {2_592_000_000} (30 days) */
  readonly retentionMs?: number;
  /** Bytes of letters that stay, if the topic is created now. @default {1_073_741_824} */
  readonly retentionBytes?: number;
}

/** A record of the topic; its bytes are good until the next one is asked for. */
export interface DeadRecord {
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Uint8Array | null;
}

const PARTITION = 0;
/** A letter is its record and up to some kilobytes of headers, and that record may have filled a batch alone. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
const FETCH_BYTES = 1024 * 1024;
const FOLLOW_MS = 500;

/** Makes the topic beside `config.topic` unless it is there. @throws {ConfigError | RetryableError} */
export async function openDeadTopic(config: KafkaConfig, options: DeadTopicOptions): Promise<DeadTopic> {
  const { clock, retentionMs = 30 * 24 * 3600 * 1000, retentionBytes = 1024 * 1024 * 1024 } = options;
  const topic = `${config.topic}.dead`;
  await using admin = new KafkaAdmin(config, clock);
  await admin.createWith(topic, 1, {
    "message.timestamp.type": "LogAppendTime",
    "cleanup.policy": "delete",
    "retention.ms": `${retentionMs}`,
    "retention.bytes": `${retentionBytes}`,
    "max.message.bytes": `${MAX_MESSAGE_BYTES}`,
  });
  return new DeadTopic({ ...config, topic }, clock);
}

/** The topic, once it is there. */
export class DeadTopic {
  readonly config: KafkaConfig;
  readonly #clock: Clock;

  constructor(config: KafkaConfig, clock: Clock) {
    this.config = config;
    this.#clock = clock;
  }

  /**
   * Reads from the oldest record to those there now, or on until `follow` aborts.
   *
   * @throws {RetryableError} when the broker cannot answer; a new read starts from the oldest record.
   */
  async *read(follow?: AbortSignal): AsyncIterable<DeadRecord> {
    await using source = await KafkaSource.open(this.config, { clock: this.#clock });
    let { first: offset, end } = await endsOf(source);
    while (follow === undefined ? offset < end : !follow.aborted) {
      const wants = [{ partition: PARTITION, offset, maxBytes: FETCH_BYTES }];
      const [found] = await source.fetch(wants, { maxWaitMs: FOLLOW_MS });
      if (found === undefined) throw new RetryableError(`Cannot read topic "${this.config.topic}": no answer`);
      const page = pageOf(found, offset);
      for (const record of page.records) {
        if (follow?.aborted) return;
        yield record;
      }
      if (found.kind === "bytes") source.recycle(found.buffer);
      offset = page.nextOffset;
    }
  }
}

/** Whether a record is the group's: each has letters of its own, for settings decide what is late. */
export function isOfGroup({ headers: { group } }: DeadRecord, groupId: string): boolean {
  return group === undefined || group === groupId;
}

interface Page {
  readonly records: readonly DeadRecord[];
  readonly nextOffset: number;
}

async function endsOf(source: KafkaSource): Promise<{ first: number; end: number }> {
  const ranges = await source.offsets([PARTITION]);
  return ranges.get(PARTITION) ?? { first: 0, end: 0 };
}

/** Records of a fetch from `offset` on; after retention has overtaken us, none, and the first offset still there. */
function pageOf(found: Fetched, offset: number): Page {
  if (found.kind === "outOfRange") return { records: [], nextOffset: found.logStartOffset };
  const view = new DataView(found.buffer, 0, found.byteLength);
  const cursor = new RecordCursor();
  const records: DeadRecord[] = [];
  let nextOffset = offset;
  for (let at = 0; at < found.byteLength;) {
    const header = readBatchHeader(view, at);
    cursor.open(view, header);
    while (!header.isControl && cursor.next()) {
      if (cursor.offset >= offset) records.push({ headers: cursor.headers(), value: cursor.value() });
    }
    nextOffset = header.lastOffset + 1;
    at = header.nextAt;
  }
  return { records, nextOffset };
}
