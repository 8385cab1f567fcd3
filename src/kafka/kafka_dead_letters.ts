/**
 * Dead letters in a Kafka topic of their own, `<topic>.dead`, for Kafka's tools and ours.
 *
 * I1. One partition: letters stand in the order in which they were appended.
 * I2. Old letters go, by age and by size; how much stays is set when the topic is created and is the operator's after.
 */
import type { Clock } from "../clock.ts";
import { RetryableError } from "../stream/failures.ts";
import type { DeadLetter, DeadLetters } from "../stream/dead_letters.ts";
import { readBatchHeader } from "../stream/record_batch.ts";
import { RecordCursor } from "../stream/record_cursor.ts";
import type { Fetched } from "../stream/source.ts";
import { toLetter, toRecord } from "./dead_letter_record.ts";
import { KafkaAdmin } from "./kafka_admin.ts";
import type { KafkaConfig } from "./kafka_config.ts";
import { KafkaProducer } from "./kafka_producer.ts";
import { KafkaSource } from "./kafka_source.ts";
import { SeenOffsets } from "./seen_offsets.ts";

/** How dead letters are kept. */
export interface KafkaDeadLettersOptions {
  readonly clock: Clock;
  /** How long letters stay, if the topic is created now. @default {2_592_000_000} (30 days) */
  readonly retentionMs?: number;
  /** Bytes of letters that stay, if the topic is created now. @default {1_073_741_824} */
  readonly retentionBytes?: number;
}

const PARTITION = 0;
/** A letter is its record and up to some kilobytes of headers, and that record may have filled a batch alone. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
const FETCH_BYTES = 1024 * 1024;
const FOLLOW_MS = 500;
const REMEMBERED = 100_000;

/** The dead letters of one topic. */
export class KafkaDeadLetters implements DeadLetters {
  readonly #config: KafkaConfig;
  readonly #clock: Clock;
  readonly #producer: KafkaProducer;

  private constructor(config: KafkaConfig, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
    this.#producer = new KafkaProducer(config, config.topic);
  }

  /** Makes sure that the topic is there. @throws {ConfigError | RetryableError} */
  static async open(config: KafkaConfig, options: KafkaDeadLettersOptions): Promise<KafkaDeadLetters> {
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
    return new KafkaDeadLetters({ ...config, topic }, clock);
  }

  append(letters: readonly DeadLetter[]): Promise<void> {
    return this.#producer.send(letters.map(toRecord));
  }

  /**
   * Reads from the oldest letter to those there now, or on until `follow` aborts. A repeat is dropped unless 100,000
   * letters of its partition lie between.
   *
   * @throws {RetryableError} when the broker cannot answer; a new read starts from the oldest letter.
   */
  async *read({ follow }: { readonly follow?: AbortSignal } = {}): AsyncIterable<DeadLetter> {
    await using source = await KafkaSource.open(this.#config, { clock: this.#clock });
    const seen = new SeenOffsets({ capacity: REMEMBERED });
    let { first: offset, end } = await endsOf(source);
    while (follow === undefined ? offset < end : !follow.aborted) {
      const wants = [{ partition: PARTITION, offset, maxBytes: FETCH_BYTES }];
      const [found] = await source.fetch(wants, { maxWaitMs: FOLLOW_MS });
      if (found === undefined) throw new RetryableError(`Cannot read topic "${this.#config.topic}": no answer`);
      const page = pageOf(found, offset);
      if (found.kind === "bytes") source.recycle(found.buffer);
      for (const letter of page.letters) {
        if (follow?.aborted) return;
        if (seen.isNew(letter.topic, letter.partition, letter.offset)) yield letter;
      }
      offset = page.nextOffset;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#producer[Symbol.asyncDispose]();
  }
}

interface Page {
  readonly letters: readonly DeadLetter[];
  readonly nextOffset: number;
}

async function endsOf(source: KafkaSource): Promise<{ first: number; end: number }> {
  const ranges = await source.offsets([PARTITION]);
  return ranges.get(PARTITION) ?? { first: 0, end: 0 };
}

/** Letters of a fetch from `offset` on; after retention has overtaken us, none, and the first offset still there. */
function pageOf(found: Fetched, offset: number): Page {
  if (found.kind === "outOfRange") return { letters: [], nextOffset: found.logStartOffset };
  const view = new DataView(found.buffer, 0, found.byteLength);
  const cursor = new RecordCursor();
  const letters: DeadLetter[] = [];
  let nextOffset = offset;
  for (let at = 0; at < found.byteLength;) {
    const header = readBatchHeader(view, at);
    cursor.open(view, header);
    while (!header.isControl && cursor.next()) {
      const letter = cursor.offset < offset ? undefined : toLetter(cursor.headers(), cursor.value());
      if (letter !== undefined) letters.push(letter);
    }
    nextOffset = header.lastOffset + 1;
    at = header.nextAt;
  }
  return { letters, nextOffset };
}
