/** Topics to measure on: generated transactions, keyed by category, with their totals known. */
import { systemClock } from "../src/clock.ts";
import { KafkaAdmin } from "../src/kafka/kafka_admin.ts";
import { KafkaBatchProducer } from "../src/kafka/kafka_batch_producer.ts";
import { TransactionGenerator } from "../src/produce/generator.ts";
import { arrivalsSpanMs } from "../src/produce/arrivals.ts";
import type { Codec } from "../src/stream/record_batch.ts";
import type { LogRecord } from "../src/stream/log_producer.ts";

/** What a topic is made of. */
export interface TopicShape {
  readonly records: number;
  /** @default {12} */
  readonly partitions?: number;
  /** @default the generator's 14, each as frequent as it is there */
  readonly categories?: number;
  /** Bytes of a value; @default the generator's, about 273 */
  readonly eventBytes?: number;
  /** What the broker stores batches with. @default {"none"} */
  readonly codec?: Codec;
  /** Events per second of event time. @default {20_000} */
  readonly ratePerSecond?: number;
}

/** What everybody who has read the whole topic must have counted. */
export interface TopicTotals {
  readonly records: number;
  readonly amount: number;
  readonly fraud: number;
  /** Pairs of category and minute. */
  readonly windows: number;
  /** Bytes of the values. */
  readonly valueBytes: number;
}

/** A topic that has been filled. */
export interface FilledTopic {
  readonly name: string;
  readonly shape: TopicShape;
  readonly totals: TopicTotals;
}

const SEED = 1;
const BATCH_RECORDS = 16_384;
const MINUTE_MS = 60_000;
/** The smallest value that keeps what every contender reads. */
const REQUIRED = ["timestamp", "category", "amount", "is_fraud"] as const;

/** Makes and fills a topic; every event time is past, so that none is too far ahead of its record. */
export async function fillTopic(brokers: readonly string[], name: string, shape: TopicShape): Promise<FilledTopic> {
  const { records, partitions = 12, codec = "none", ratePerSecond = 20_000 } = shape;
  const access = { brokers, ssl: false, clientId: "tally-bench" };
  await using admin = new KafkaAdmin(access, systemClock);
  const compression = codec === "none" ? "producer" : codec;
  await admin.createWith(name, partitions, {
    "message.timestamp.type": "LogAppendTime",
    "compression.type": compression,
    "retention.ms": "-1",
  });
  await using producer = await KafkaBatchProducer.open(access, name, systemClock);
  const startMs = Math.floor(systemClock.nowMs()) - arrivalsSpanMs(records, ratePerSecond);
  const events = new Events(new TransactionGenerator({ seed: SEED, startMs, ratePerSecond }), shape);
  let sending = Promise.resolve();
  for (let sent = 0; sent < records; sent += BATCH_RECORDS) {
    const batch: LogRecord[] = [];
    for (let at = sent; at < Math.min(records, sent + BATCH_RECORDS); at++) batch.push(events.next(at));
    await sending;
    sending = producer.send(batch);
  }
  await sending;
  return { name, shape, totals: events.totals };
}

/** Takes transactions from the generator, gives them the shape wanted and adds them up. */
class Events {
  readonly #generator: TransactionGenerator;
  readonly #shape: TopicShape;
  readonly #windows = new Set<string>();
  readonly #decoder = new TextDecoder();
  readonly #encoder = new TextEncoder();
  #records = 0;
  #amountCents = 0;
  #fraud = 0;
  #valueBytes = 0;

  constructor(generator: TransactionGenerator, shape: TopicShape) {
    this.#generator = generator;
    this.#shape = shape;
  }

  get totals(): TopicTotals {
    const { size: windows } = this.#windows;
    const amount = this.#amountCents / 100, valueBytes = this.#valueBytes;
    return { records: this.#records, amount, fraud: this.#fraud, windows, valueBytes };
  }

  next(index: number): LogRecord {
    const { done, value: made } = this.#generator.next();
    if (done) throw new RangeError(`Cannot fill topic: the generator ended after ${index} records`);
    const event: Record<string, unknown> = JSON.parse(this.#decoder.decode(made.value));
    const { categories, eventBytes } = this.#shape;
    if (categories !== undefined) event["category"] = `category_${index % categories}`;
    this.#records++;
    this.#amountCents += Math.round(Number(event["amount"]) * 100);
    this.#fraud += event["is_fraud"] === true ? 1 : 0;
    this.#windows.add(`${event["category"]} ${Math.floor(made.atMs / MINUTE_MS)}`);
    const value = categories === undefined && eventBytes === undefined ? made.value : this.#resized(event);
    this.#valueBytes += value.length;
    const key = categories === undefined ? made.key : this.#encoder.encode(String(event["category"]));
    return { key, value };
  }

  /** As many bytes as wanted, by leaving out what is not required or by a longer name of the merchant. */
  #resized(event: Record<string, unknown>): Uint8Array {
    const { eventBytes } = this.#shape;
    const whole = this.#encoder.encode(JSON.stringify(event));
    if (eventBytes === undefined) return whole;
    if (whole.length < eventBytes) {
      const merchant = `${event["merchant"]}${"x".repeat(eventBytes - whole.length)}`;
      return this.#encoder.encode(JSON.stringify({ ...event, merchant }));
    }
    const least = Object.fromEntries(REQUIRED.map((name) => [name, event[name]]));
    const size = JSON.stringify(least).length;
    // A record of the field `merchant` costs 14 bytes beside its text.
    const room = eventBytes - size - 14;
    return this.#encoder.encode(JSON.stringify(room < 0 ? least : { ...least, merchant: "x".repeat(room) }));
  }
}
