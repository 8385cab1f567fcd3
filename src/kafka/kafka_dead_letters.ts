/** Dead letters of one group in the topic `<topic>.dead`. */
import type { DeadLetter, DeadLetters } from "../stream/dead_letters.ts";
import { toLetter, toRecord } from "./dead_letter_record.ts";
import { type DeadTopic, type DeadTopicOptions, isOfGroup, openDeadTopic } from "./dead_topic.ts";
import type { KafkaConfig } from "./kafka_config.ts";
import { KafkaProducer } from "./kafka_producer.ts";
import { SeenOffsets } from "./seen_offsets.ts";

const REMEMBERED = 100_000;

/** The dead letters of one topic. */
export class KafkaDeadLetters implements DeadLetters {
  readonly #topic: DeadTopic;
  readonly #producer: KafkaProducer;

  private constructor(topic: DeadTopic) {
    this.#topic = topic;
    this.#producer = new KafkaProducer(topic.config, topic.config.topic);
  }

  /** Makes sure that the topic is there. @throws {ConfigError | RetryableError} */
  static async open(config: KafkaConfig, options: DeadTopicOptions): Promise<KafkaDeadLetters> {
    return new KafkaDeadLetters(await openDeadTopic(config, options));
  }

  append(letters: readonly DeadLetter[]): Promise<void> {
    return this.#producer.send(letters.map((letter) => toRecord(letter, this.#topic.config.groupId)));
  }

  /**
   * Reads from the oldest letter of the group to those there now, or on until `follow` aborts. A repeat is dropped unless
   * 100,000 letters of its partition lie between.
   *
   * @throws {RetryableError} when the broker cannot answer; a new read starts from the oldest letter.
   */
  async *read({ follow }: { readonly follow?: AbortSignal } = {}): AsyncIterable<DeadLetter> {
    const seen = new SeenOffsets({ capacity: REMEMBERED });
    for await (const record of this.#topic.read(follow)) {
      const letter = isOfGroup(record, this.#topic.config.groupId) ? toLetter(record) : undefined;
      if (letter !== undefined && seen.isNew(letter.topic, letter.partition, letter.offset)) yield letter;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#producer[Symbol.asyncDispose]();
  }
}
