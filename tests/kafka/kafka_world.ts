/** Fresh topics and groups on a real broker, for the contracts and the tests of this folder. */
import { systemClock } from "../../src/clock.ts";
import { KafkaAdmin } from "../../src/kafka/kafka_admin.ts";
import type { KafkaConfig } from "../../src/kafka/kafka_config.ts";
import { KafkaDeadLetters } from "../../src/kafka/kafka_dead_letters.ts";
import { KafkaProducer } from "../../src/kafka/kafka_producer.ts";
import { KafkaSource } from "../../src/kafka/kafka_source.ts";
import { kafkajsClient } from "../../src/kafka/kafkajs_client.ts";
import { RetryableError } from "../../src/stream/failures.ts";
import type { LogProducer } from "../../src/stream/log_producer.ts";
import type { SourceWorld } from "../contracts/source_contract.ts";
import { kafka, type KafkaService } from "../services/services.ts";

/** Configuration of one member on `topic`; names differ from run to run so that a broker may be used again. */
export function configFor(service: KafkaService, topic: string, group = `${topic}-group`): KafkaConfig {
  return {
    brokers: service.brokers,
    topic,
    groupId: group,
    sessionTimeoutMs: 6_000,
    ssl: false,
    clientId: "tally-tests",
  };
}

/** A topic name that no other run has. */
export function freshTopic(prefix: string): string {
  return `${prefix}-${crypto.randomUUID().slice(0, 8)}`;
}

/** Options of `kafkaWorld`. */
export interface WorldOptions {
  readonly partitions: number;
  /** Which of our producers appends. @default the one on kafkajs */
  readonly producer?: (config: KafkaConfig) => Promise<LogProducer>;
}

const kafkajsProducer = (config: KafkaConfig): Promise<LogProducer> =>
  Promise.resolve(new KafkaProducer(config, config.topic));

/** A world of the contracts on Kafka. */
export async function kafkaWorld(
  service: KafkaService,
  { partitions, producer: make = kafkajsProducer }: WorldOptions,
): Promise<SourceWorld> {
  const topic = freshTopic("contract");
  const config = configFor(service, topic);
  const admin = new KafkaAdmin(config, systemClock);
  await admin.create(topic, { partitions });
  const producer = await make(config);
  return {
    topic,
    admin,
    producer,
    open: (group) => KafkaSource.open({ ...config, groupId: `${topic} ${group}` }, { clock: systemClock }),
    deadLetters: () => KafkaDeadLetters.open(config, { clock: systemClock }),
    truncate: (partition, firstOffset) => truncate(config, partition, firstOffset),
    severalMembers: true,
    async [Symbol.asyncDispose]() {
      await producer[Symbol.asyncDispose]();
      await admin.remove(`${topic}.dead`);
      await admin.remove(topic);
      await admin[Symbol.asyncDispose]();
    },
  };
}

/** The port's answer to `RetryableError`: the same call again. */
export async function retried<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof RetryableError)) throw error;
    }
  }
}

async function truncate(config: KafkaConfig, partition: number, firstOffset: number): Promise<void> {
  const admin = kafkajsClient(config).admin();
  await admin.connect();
  try {
    await admin.fetchTopicOffsets(config.topic); // Without it, kafkajs does not know who leads.
    const partitions = [{ partition, offset: `${firstOffset}` }];
    await admin.deleteTopicRecords({ topic: config.topic, partitions });
  } finally {
    await admin.disconnect();
  }
}

/**
 * One broker for all tests of a file: started before the first, stopped after the last.
 *
 * @example const service = sharedKafka(); Deno.test("…", async () => { await using world = await kafkaWorld(service(), …) });
 */
export function sharedKafka(): () => KafkaService {
  const held: { service?: KafkaService } = {};
  Deno.test.beforeAll(async () => {
    held.service = await kafka();
  });
  Deno.test.afterAll(async () => {
    await held.service?.[Symbol.asyncDispose]();
  });
  return () => {
    if (held.service === undefined) throw new TypeError("Cannot use Kafka: no test has begun");
    return held.service;
  };
}
