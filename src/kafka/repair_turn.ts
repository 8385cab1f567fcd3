/**
 * The turn to repair, on Kafka: whoever owns the one partition of the dead letters in the group `<group>.repair` has it.
 *
 * I1. The coordinator gives the partition to one member at a time, and to another when ours is silent.
 */
import type { Clock } from "../clock.ts";
import type { RepairTurn } from "../stream/amendments.ts";
import { ConfigError } from "../stream/failures.ts";
import type { Member } from "../stream/source.ts";
import type { KafkaConfig } from "./kafka_config.ts";
import { KafkaSource } from "./kafka_source.ts";

/** A turn that lasts until it is disposed of or the group gives it to somebody else. */
export class KafkaRepairTurn implements RepairTurn {
  readonly #source: KafkaSource;
  readonly #over = new AbortController();
  #isOurs = false;

  private constructor(source: KafkaSource) {
    this.#source = source;
  }

  /**
   * Takes the turn.
   *
   * @param config with the topic of the dead letters
   * @throws {ConfigError} when somebody else has it; {RetryableError}
   */
  static async take(config: KafkaConfig, clock: Clock): Promise<KafkaRepairTurn> {
    // A static name would take the place of the processor's own member.
    const { instanceId: _, ...own } = config;
    const source = await KafkaSource.open({ ...own, groupId: `${config.groupId}.repair` }, { clock });
    const turn = new KafkaRepairTurn(source);
    try {
      await source.join(turn.#member());
      if (turn.#isOurs) return turn;
      throw new ConfigError(`Cannot repair: another repair of group ${config.groupId} is at work; wait for its end`);
    } catch (error) {
      await turn[Symbol.asyncDispose]();
      throw error;
    }
  }

  get over(): AbortSignal {
    return this.#over.signal;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source.leave();
    await this.#source[Symbol.asyncDispose]();
  }

  #member(): Member {
    return {
      assigned: ({ partitions }) => {
        this.#isOurs = partitions.length > 0;
        if (!this.#isOurs) this.#over.abort();
      },
      revoked: () => Promise.resolve(),
      lost: () => this.#over.abort(),
    };
  }
}
