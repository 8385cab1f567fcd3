/** Members that come and go at random: what breaks if a rebalance meets a leave, a join or a crash? */
import assert from "node:assert/strict";
import { systemClock } from "../../src/clock.ts";
import { KafkaSource } from "../../src/kafka/kafka_source.ts";
import { FencedError, RetryableError } from "../../src/stream/failures.ts";
import type { Assignment } from "../../src/stream/source.ts";
import { seeded, seedOfRun } from "../stream/seeded.ts";
import { configFor, freshTopic, kafkaWorld, sharedKafka } from "./kafka_world.ts";
import { TellingMember } from "./telling_member.ts";

const service = sharedKafka();
const PARTITIONS = 5;
const STEPS = 14;
const MOST_MEMBERS = 4;

/** Adds one to the position of each of its partitions before it gives them up, and keeps count in `expected`. */
class Counter {
  readonly source: KafkaSource;
  readonly member = new TellingMember((assignment) => this.count(assignment));
  ended = false;
  readonly #expected: number[];

  constructor(source: KafkaSource, expected: number[]) {
    this.source = source;
    this.#expected = expected;
  }

  /** Joins; a join that our own end cut short has failed, and that is right. */
  async join(): Promise<void> {
    try {
      await this.source.join(this.member);
    } catch (error) {
      if (!(this.ended && error instanceof RetryableError)) throw error;
    }
  }

  /** Leaves, or crashes. */
  async end(crashes: boolean): Promise<void> {
    this.ended = true;
    if (!crashes) await this.source.leave();
    await this.source[Symbol.asyncDispose]();
  }

  async count(assignment: Assignment): Promise<void> {
    const before = await this.source.committed(assignment.partitions);
    const commits = assignment.partitions.map((partition) => (
      { partition, position: (before.get(partition)?.position ?? 0) + 1, metadata: "" }
    ));
    try {
      await this.source.commit(assignment.generation, commits);
    } catch (error) {
      if (error instanceof FencedError) return;
      throw error;
    }
    for (const partition of assignment.partitions) this.#expected[partition] = (this.#expected[partition] ?? 0) + 1;
  }
}

Deno.test({
  sanitizeOps: true,
  sanitizeResources: true,
  name: "KafkaSource: members that come, go and crash never share a partition, and lose no commit",
  async fn() {
    const seed = seedOfRun();
    console.log(`TALLY_TEST_SEED=${seed}`);
    const random = seeded(seed);
    await using world = await kafkaWorld(service(), { partitions: PARTITIONS });
    const config = configFor(service(), world.topic, freshTopic("churn"));
    const expected = new Array<number>(PARTITIONS).fill(0);
    const counters: Counter[] = [];
    const pending: Promise<void>[] = [];
    for (let step = 0; step < STEPS; step++) {
      const dice = random();
      if (counters.length === 0 || (dice < 0.55 && counters.length < MOST_MEMBERS)) {
        const counter = new Counter(await KafkaSource.open(config, { clock: systemClock }), expected);
        counters.push(counter);
        pending.push(counter.join());
      } else {
        const [gone] = counters.splice(Math.floor(random() * counters.length), 1);
        if (gone !== undefined) pending.push(gone.end(dice > 0.93));
      }
      // Half of the time the next step meets a group that is still forming.
      if (random() < 0.5) await Promise.all(pending.splice(0));
    }
    await Promise.all(pending);
    await settled(counters);
    await Promise.all(counters.map((counter) => counter.end(false)));
    await using reader = await KafkaSource.open(config, { clock: systemClock });
    const committed = await reader.committed([0, 1, 2, 3, 4]);
    const positions = expected.map((_, partition) => committed.get(partition)?.position ?? 0);
    assert.deepEqual(positions, expected);
    assert.ok(expected.some((count) => count > 0));
  },
});

/** Until the members at the end own every partition once. */
async function settled(counters: readonly Counter[]): Promise<void> {
  for (;;) {
    const owned = counters.flatMap(({ member }) =>
      member.told.at(-1)?.match(/^assigned ([\d,]+)$/)?.[1]?.split(",") ?? []
    );
    if (counters.length === 0 || owned.length === PARTITIONS) {
      assert.equal(new Set(owned).size, owned.length, `a partition has two owners: ${owned}`);
      return;
    }
    await counters[0]?.source.committed([0]);
  }
}
