/** The adapters that a configuration chooses: Kafka or the embedded log, InfluxDB or the embedded store. */
import type { Clock } from "../clock.ts";
import type { Config, KafkaSettings } from "../config.ts";
import { InfluxStore } from "../influx/influx_store.ts";
import { forgetGroup } from "../kafka/forget_group.ts";
import { KafkaAdmin } from "../kafka/kafka_admin.ts";
import type { KafkaAccess, KafkaConfig } from "../kafka/kafka_config.ts";
import { KafkaAmendments } from "../kafka/kafka_amendments.ts";
import { KafkaDeadLetters } from "../kafka/kafka_dead_letters.ts";
import { KafkaBatchProducer } from "../kafka/kafka_batch_producer.ts";
import { KafkaSource } from "../kafka/kafka_source.ts";
import { EmbeddedLog } from "../sqlite/embedded_log.ts";
import { EmbeddedStore } from "../sqlite/embedded_store.ts";
import { ConfigError } from "../stream/failures.ts";
import type { Amendments } from "../stream/amendments.ts";
import type { DeadLetters } from "../stream/dead_letters.ts";
import type { LogAdmin, LogProducer } from "../stream/log_producer.ts";
import type { Source } from "../stream/source.ts";
import type { Store } from "../stream/store.ts";
import { checkPermissions } from "./permissions.ts";

/** Opens the ports of the pipeline; what it opened is closed with it, newest first. */
export class Backends implements AsyncDisposable {
  readonly #config: Config;
  readonly #clock: Clock;
  readonly #opened = new AsyncDisposableStack();
  #log: EmbeddedLog | undefined;

  /** @throws {ConfigError} when Deno does not let this process reach what the configuration names. */
  constructor(config: Config, clock: Clock) {
    checkPermissions(config);
    this.#config = config;
    this.#clock = clock;
  }

  /** Where transactions come from, in a few words. */
  get logName(): string {
    const { kafka, dataDir } = this.#config;
    return kafka === undefined ? `embedded log in ${dataDir}` : `Kafka at ${kafka.brokers.join(",")}`;
  }

  /** Where points go, in a few words. */
  get storeName(): string {
    const { influx, dataDir } = this.#config;
    return influx === undefined ? `embedded store in ${dataDir}` : `InfluxDB at ${influx.url}`;
  }

  /** The consumer. @throws {ConfigError | RetryableError} */
  async source(): Promise<Source> {
    const { topic, groupId: group } = this.#config;
    const kafka = this.#kafka();
    return this.#opened.use(
      kafka === undefined
        ? this.#embedded().source({ topic, group })
        : await KafkaSource.open(kafka, { clock: this.#clock }),
    );
  }

  /** The dead letters of the topic. @throws {ConfigError | RetryableError} */
  async deadLetters(): Promise<DeadLetters> {
    const kafka = this.#kafka();
    return this.#opened.use(
      kafka === undefined ? this.#embedded().deadLetters() : await KafkaDeadLetters.open(kafka, { clock: this.#clock }),
    );
  }

  /** What repairs have put back. @throws {ConfigError | RetryableError} */
  async amendments(): Promise<Amendments> {
    const kafka = this.#kafka();
    return this.#opened.use(
      kafka === undefined
        ? this.#embedded().amendments(this.#config.topic)
        : await KafkaAmendments.open(kafka, { clock: this.#clock }),
    );
  }

  /** The store of points. @throws {ConfigError} */
  store(): Store {
    const { influx, storeTimeoutMs: timeoutMs, dataDir } = this.#config;
    const clock = this.#clock;
    return this.#opened.use(
      influx === undefined
        ? new EmbeddedStore(dataDir, { clock })
        : new InfluxStore({ ...influx, timeoutMs }, { clock }),
    );
  }

  /** The administrator of topics. */
  admin(): LogAdmin {
    const access = this.#access();
    return this.#opened.use(access === undefined ? this.#embedded().admin() : new KafkaAdmin(access, this.#clock));
  }

  /** A producer to the topic. @throws {ConfigError | RetryableError} */
  async producer(): Promise<LogProducer> {
    const access = this.#access(), { topic } = this.#config;
    return this.#opened.use(
      access === undefined
        ? this.#embedded().producer(topic)
        : await KafkaBatchProducer.open(access, topic, this.#clock),
    );
  }

  /**
   * Makes the topic unless it is there.
   *
   * @throws {ConfigError} when it is compacted: what was counted would vanish from it; {RetryableError}
   */
  async ensureTopic(): Promise<void> {
    const { topic, partitions } = this.#config;
    const admin = this.admin();
    if (await admin.create(topic, { partitions })) return;
    const description = await admin.describe(topic);
    if (description?.cleanupPolicy.includes("compact")) {
      throw new ConfigError(
        `Cannot use topic ${topic}: its cleanup.policy is ${description.cleanupPolicy}, so transactions would vanish from ` +
          "it and a replay could not be exact; set cleanup.policy=delete",
      );
    }
  }

  /** Forgets what the group has committed, and what was put back for it. @throws {ConfigError} when a processor still runs */
  async forgetCommits(): Promise<void> {
    const access = this.#access(), { groupId } = this.#config;
    if (access === undefined) await this.#embedded().forgetCommits(groupId);
    else await forgetGroup(access, groupId);
    await (await this.amendments()).clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync();
  }

  #embedded(): EmbeddedLog {
    return this.#log ??= this.#opened.use(new EmbeddedLog(this.#config.dataDir, { clock: this.#clock }));
  }

  #access(): KafkaAccess | undefined {
    const { kafka } = this.#config;
    return kafka === undefined ? undefined : accessOf(kafka);
  }

  #kafka(): KafkaConfig | undefined {
    const { kafka, topic, groupId } = this.#config;
    if (kafka === undefined) return undefined;
    const { sessionTimeoutMs, instanceId } = kafka;
    return {
      ...accessOf(kafka),
      topic,
      groupId,
      sessionTimeoutMs,
      ...(instanceId === undefined ? {} : { instanceId }),
    };
  }
}

function accessOf({ brokers, ssl, sasl }: KafkaSettings): KafkaAccess {
  return { brokers, ssl, clientId: "tally", ...(sasl === undefined ? {} : { sasl }) };
}
