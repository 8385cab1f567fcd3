/** What the brokers tell of a topic and its group, asked by another client than ours. */
import type { Admin } from "kafkajs";
import { sleep, systemClock } from "../../src/clock.ts";
import { kafkajsClient } from "../../src/kafka/kafkajs_client.ts";

/** Whom to ask, about what. */
export interface GroupWatchOptions {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly group: string;
}

const LOOK_MS = 20;

/** Asks whenever it is told to. */
export class GroupWatch implements AsyncDisposable {
  readonly #admin: Admin;
  readonly #options: GroupWatchOptions;

  constructor(options: GroupWatchOptions) {
    this.#options = options;
    this.#admin = kafkajsClient({ brokers: options.brokers, ssl: false, clientId: "tally-chaos" }).admin();
  }

  /** How many records the topic holds; undefined while the brokers cannot tell. */
  async end(): Promise<number | undefined> {
    try {
      await this.#admin.connect();
      const ends = await this.#admin.fetchTopicOffsets(this.#options.topic);
      return ends.reduce((sum, { high }) => sum + Number(high), 0);
    } catch {
      return undefined; // A broker is away: asked again soon.
    }
  }

  /** Resolves, once the group is no longer one member at work, to the last instant at which it was. */
  async aloneUntil(): Promise<number> {
    for (let aloneAtMs = systemClock.elapsedMs();;) {
      const askedAtMs = systemClock.elapsedMs();
      await this.#admin.connect();
      const { groups } = await this.#admin.describeGroups([this.#options.group]);
      const [group] = groups;
      if (group?.state !== "Stable" || group.members.length !== 1) return aloneAtMs;
      aloneAtMs = askedAtMs;
      await sleep(systemClock, LOOK_MS);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#admin.disconnect();
  }
}
