/** The producing side of a Kafka topic. */
import { type Message, Partitioners, type Producer } from "kafkajs";
import type { LogProducer, LogRecord } from "../stream/log_producer.ts";
import type { KafkaAccess } from "./kafka_config.ts";
import { portError } from "./kafka_failure.ts";
import { asBuffer, kafkajsClient } from "./kafkajs_client.ts";

/**
 * Bytes of keys and values in one request, except for a single larger record. All of it may fall to one partition, whose
 * batch a broker takes up to 1 MiB by default.
 */
const REQUEST_BYTES = 512 * 1024;
/** A record's bytes beside its key and value, with room for headers. */
const RECORD_BYTES = 64;
const ACKS_ALL = -1;

/**
 * Appends to one topic, idempotently: what kafkajs repeats by itself is there once.
 *
 * I1. After a failure the next call starts under a new producer id: kafkajs takes its sequence numbers back when a
 *     request fails, and a broker that had appended it would take other records under those numbers for repeats and
 *     drop them.
 *
 * Cost: kafkajs makes several buffers per record, about 19 µs of our CPU for one of 270 bytes. For bulk, see
 * `KafkaBatchProducer`.
 */
export class KafkaProducer implements LogProducer {
  readonly #access: KafkaAccess;
  readonly #topic: string;
  #producer: Producer | undefined;
  #opening: Promise<Producer> | undefined;

  constructor(access: KafkaAccess, topic: string) {
    this.#access = access;
    this.#topic = topic;
  }

  async send(records: readonly LogRecord[]): Promise<void> {
    let from = 0;
    while (from < records.length) {
      const to = requestEnd(records, from);
      await this.#sendRequest(records.slice(from, to).map(toMessage));
      from = to;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const producer = await this.#opening?.catch(() => undefined);
    this.#opening = undefined;
    this.#producer = undefined;
    await producer?.disconnect();
  }

  async #sendRequest(messages: Message[]): Promise<void> {
    try {
      this.#producer ??= await this.#open();
      await this.#producer.send({ topic: this.#topic, acks: ACKS_ALL, messages });
    } catch (error) {
      await this[Symbol.asyncDispose]().catch(() => undefined); // I1; the first failure is the one to report.
      throw portError(error, `append to topic "${this.#topic}"`);
    }
  }

  #open(): Promise<Producer> {
    this.#opening ??= connect(this.#access);
    return this.#opening;
  }
}

async function connect(access: KafkaAccess): Promise<Producer> {
  const producer = kafkajsClient(access).producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    idempotent: true,
    allowAutoTopicCreation: false,
  });
  await producer.connect();
  return producer;
}

function requestEnd(records: readonly LogRecord[], from: number): number {
  let sizeBytes = 0;
  let to = from;
  for (; to < records.length; to++) {
    const record = records[to];
    sizeBytes += RECORD_BYTES + (record?.key?.byteLength ?? 0) + (record?.value?.byteLength ?? 0);
    if (sizeBytes > REQUEST_BYTES && to > from) break;
  }
  return to;
}

function toMessage({ key, value, headers }: LogRecord): Message {
  const message = { key: asBuffer(key), value: asBuffer(value) };
  return headers === undefined ? message : { ...message, headers: { ...headers } };
}
