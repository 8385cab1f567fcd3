/** Creates, removes and looks at Kafka topics. */
import type { Admin } from "kafkajs";
import { type Clock, sleep } from "../clock.ts";
import { RetryableError } from "../stream/failures.ts";
import type { LogAdmin } from "../stream/log_producer.ts";
import type { TopicDescription } from "../stream/source.ts";
import { Cluster } from "./cluster.ts";
import { Connections } from "./connections.ts";
import type { KafkaAccess } from "./kafka_config.ts";
import { codesOf, KafkaCode, portError } from "./kafka_failure.ts";
import { kafkajsClient } from "./kafkajs_client.ts";
import { Offsets } from "./offsets.ts";
import { describeTopic } from "./topic_facts.ts";

/** A topic's settings by their Kafka names. */
export type TopicSettings = Readonly<Record<string, string>>;

const CONNECT_MS = 5_000;
const REQUEST_MS = 10_000;
/** Brokers hear of a change from the controller a moment after it is made. */
const LOOK_AGAIN_MS = 20;
const LOOKS = 250;

/** Administration of one cluster. */
export class KafkaAdmin implements LogAdmin {
  readonly #access: KafkaAccess;
  readonly #clock: Clock;
  #admin: Promise<Admin> | undefined;

  constructor(access: KafkaAccess, clock: Clock) {
    this.#access = access;
    this.#clock = clock;
  }

  create(topic: string, { partitions }: { readonly partitions: number }): Promise<boolean> {
    return this.createWith(topic, partitions, { "message.timestamp.type": "LogAppendTime" });
  }

  /** Creates a topic with settings unless it exists; resolves to whether it was created. */
  async createWith(topic: string, partitions: number, settings: TopicSettings): Promise<boolean> {
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
    const created = await this.#ask(`create topic "${topic}"`, (admin) => (
      // Its own wait for leaders fails when a broker has not heard of the topic yet.
      admin.createTopics({ topics: [{ topic, numPartitions: partitions, configEntries }], waitForLeaders: false })
    ));
    if (created) await this.#until(topic, (found) => found !== undefined);
    return created;
  }

  async remove(topic: string): Promise<boolean> {
    if (await this.describe(topic) === undefined) return false;
    await this.#ask(`remove topic "${topic}"`, (admin) => admin.deleteTopics({ topics: [topic] }));
    await this.#until(topic, (found) => found === undefined);
    return true;
  }

  async describe(topic: string): Promise<TopicDescription | undefined> {
    const requestMs = { control: REQUEST_MS, join: REQUEST_MS };
    const connections = new Connections(this.#access, { connectMs: CONNECT_MS, requestMs });
    await using cluster = new Cluster(
      { brokers: this.#access.brokers, topic, groupId: "" },
      { connections, clock: this.#clock },
    );
    try {
      return await describeTopic(cluster, new Offsets(cluster));
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined;
      if (codesOf(cause).includes(KafkaCode.unknownTopicOrPartition)) return undefined;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const admin = await this.#admin?.catch(() => undefined);
    this.#admin = undefined;
    await admin?.disconnect();
  }

  async #ask<T>(what: string, call: (admin: Admin) => Promise<T>): Promise<T> {
    try {
      this.#admin ??= connect(this.#access);
      return await call(await this.#admin);
    } catch (error) {
      await this[Symbol.asyncDispose]().catch(() => undefined); // The first failure is the one to report.
      throw portError(error, what);
    }
  }

  async #until(topic: string, isSo: (found: TopicDescription | undefined) => boolean): Promise<void> {
    for (let look = 0; look < LOOKS; look++) {
      // A topic that is just being made has partitions without a leader: asking for their offsets may fail.
      const settled = await this.describe(topic).then(isSo, () => false);
      if (settled) return;
      await sleep(this.#clock, LOOK_AGAIN_MS);
    }
    throw new RetryableError(`Cannot see the change of topic "${topic}": the brokers show the old state`);
  }
}

async function connect(access: KafkaAccess): Promise<Admin> {
  const admin = kafkajsClient(access).admin();
  await admin.connect();
  return admin;
}
