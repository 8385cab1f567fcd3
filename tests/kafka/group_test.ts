/** Membership in a group on a real broker: what members are told, and whose commits count. */
import assert from "node:assert/strict";
import { type Clock, systemClock } from "../../src/clock.ts";
import { KafkaSource } from "../../src/kafka/kafka_source.ts";
import { kafkajsClient } from "../../src/kafka/kafkajs_client.ts";
import { ConfigError, FencedError } from "../../src/stream/failures.ts";
import type { Committed, Source } from "../../src/stream/source.ts";
import type { SourceWorld } from "../contracts/source_contract.ts";
import { configFor, kafkaWorld, sharedKafka } from "./kafka_world.ts";
import { TellingMember } from "./telling_member.ts";

const service = sharedKafka();
/** A test that hangs on a real broker ends by itself. */
const sanitized = { sanitizeOps: true, sanitizeResources: true, timeout: 300_000 };

function law(name: string, partitions: number, fn: (world: SourceWorld) => Promise<void>): void {
  Deno.test({
    ...sanitized,
    name,
    async fn() {
      await using world = await kafkaWorld(service(), { partitions });
      await fn(world);
    },
  });
}

law("KafkaSource: a member commits the old generation while it is asked to let go", 4, async (world) => {
  await using first = await world.open("handover");
  await using second = await world.open("handover");
  const commit: Committed = { partition: 3, position: 42, metadata: "from revoked()" };
  const one = new TellingMember((assignment) => first.commit(assignment.generation, [commit]));
  const two = new TellingMember();
  await first.join(one);
  const old = one.current;
  await second.join(two);
  await one.heard("assigned", 1);
  assert.deepEqual(one.told.slice(0, 3), ["assigned 0,1,2,3", "revoked", "let go"]);
  // Who gets which half follows from the names that the broker made up.
  assert.deepEqual([...one.told.slice(3), ...two.told].toSorted(), ["assigned 0,1", "assigned 2,3"]);
  assert.deepEqual((await second.committed([3])).get(3), commit);
  await assert.rejects(first.commit(old.generation, [commit]), FencedError);
  await second.commit(two.current.generation, [{ ...commit, position: 43 }]);
  await first.leave();
  await second.leave();
});

law("KafkaSource: a member that does not let go in time loses its place, and the group goes on", 2, async (world) => {
  const stuck = Promise.withResolvers<void>();
  const config = configFor(service(), world.topic);
  await using first = await KafkaSource.open(config, { clock: systemClock, rebalanceTimeoutMs: 3_000 });
  await using second = await KafkaSource.open(config, { clock: systemClock, rebalanceTimeoutMs: 3_000 });
  const one = new TellingMember(() => stuck.promise);
  const two = new TellingMember();
  await first.join(one);
  const old = one.current;
  await second.join(two);
  assert.ok(one.told.includes("revoked") && !one.told.includes("let go"));
  await assert.rejects(first.commit(old.generation, [{ partition: 0, position: 1, metadata: "" }]), FencedError);
  stuck.resolve();
  await second.leave();
  await first.leave();
});

law("KafkaSource.commit() sends 600,000 bytes of metadata for 150 partitions", 150, async (world) => {
  await using source = await world.open("large");
  const member = new TellingMember();
  await source.join(member);
  const commits = member.current.partitions.map((partition) => (
    { partition, position: partition + 1, metadata: `${partition} `.padEnd(4_000, "ü").slice(0, 2_000) }
  ));
  await source.commit(member.current.generation, commits);
  assert.deepEqual([...(await source.committed(member.current.partitions)).values()], commits);
  await source.leave();
});

law("KafkaSource.commit() of more metadata than the broker takes is a RangeError", 1, async (world) => {
  await using source = await world.open("too large");
  const member = new TellingMember();
  await source.join(member);
  const commit = (length: number) =>
    source.commit(member.current.generation, [{ partition: 0, position: 1, metadata: "x".repeat(length) }]);
  await commit(4_096);
  await assert.rejects(commit(4_097), RangeError);
  await source.leave();
});

law(
  "KafkaSource: a static member that starts again takes its partitions up at once, its old self is out",
  2,
  async (world) => {
    // So long that nobody takes the place of a member whose session is over.
    const config = { ...configFor(service(), world.topic), instanceId: "processor-1", sessionTimeoutMs: 120_000 };
    await using before = await KafkaSource.open(config, { clock: systemClock });
    const old = new TellingMember();
    await before.join(old);
    const startedMs = performance.now();
    await using after = await KafkaSource.open(config, { clock: systemClock });
    const fresh = new TellingMember();
    await after.join(fresh);
    assert.ok(performance.now() - startedMs < config.sessionTimeoutMs / 2);
    assert.deepEqual(fresh.current.partitions, [0, 1]);
    await assert.rejects(
      before.commit(old.current.generation, [{ partition: 0, position: 1, metadata: "" }]),
      FencedError,
    );
    await old.heard("lost");
    assert.equal(before.leaseRemainingMs(), 0);
    await after.commit(fresh.current.generation, [{ partition: 0, position: 2, metadata: "" }]);
    await after.leave();
  },
);

law("KafkaSource: others take over from a member that went silent once its session is over", 2, async (world) => {
  const config = configFor(service(), world.topic);
  const silent = await KafkaSource.open(config, { clock: systemClock });
  await silent.join(new TellingMember());
  const startedMs = performance.now();
  await silent[Symbol.asyncDispose]();
  await using next = await KafkaSource.open(config, { clock: systemClock });
  const member = new TellingMember();
  await next.join(member);
  assert.deepEqual(member.current.partitions, [0, 1]);
  assert.ok(performance.now() - startedMs > config.sessionTimeoutMs / 2);
  await next.leave();
});

law("KafkaSource.leaseRemainingMs() is within the session while joined and 0 otherwise", 1, async (world) => {
  await using source = await world.open("lease");
  assert.equal(source.leaseRemainingMs(), 0);
  await source.join(new TellingMember());
  const remainingMs = source.leaseRemainingMs();
  assert.ok(remainingMs > 4_000 && remainingMs <= 6_000, `${remainingMs} ms`);
  await source.leave();
  assert.equal(source.leaseRemainingMs(), 0);
});

law("KafkaSource.join() refuses a session time-out that the broker refuses", 1, async (world) => {
  const config = { ...configFor(service(), world.topic), sessionTimeoutMs: 5_999 };
  await using source = await KafkaSource.open(config, { clock: systemClock });
  await assert.rejects(source.join(new TellingMember()), (error) => (
    error instanceof ConfigError && error.message.includes("KAFKA_SESSION_TIMEOUT")
  ));
});

law("KafkaSource.join() refuses a group of another kind of consumer", 1, async (world) => {
  const config = configFor(service(), world.topic);
  const other = kafkajsClient(config).consumer({ groupId: config.groupId });
  await other.connect();
  await other.subscribe({ topics: [world.topic] });
  const joined = new Promise((resolve) => other.on(other.events.GROUP_JOIN, resolve));
  await other.run({ eachMessage: () => Promise.resolve() });
  await joined;
  await using source = await KafkaSource.open(config, { clock: systemClock });
  await assert.rejects(source.join(new TellingMember()), (error) => (
    error instanceof ConfigError && error.message.includes("KAFKA_GROUP_ID")
  ));
  await other.disconnect();
});

law("KafkaSource: new partitions of the topic are shared out", 1, async (world) => {
  const skipping = new SkippingClock();
  await using source = await KafkaSource.open(configFor(service(), world.topic), { clock: skipping });
  const member = new TellingMember();
  await source.join(member);
  const admin = kafkajsClient(configFor(service(), world.topic)).admin();
  await admin.connect();
  await admin.createPartitions({ topicPartitions: [{ topic: world.topic, count: 3 }] });
  await admin.disconnect();
  skipping.skip(10_000);
  await member.heard("assigned 0,1,2");
  await waitForLeader(source, 2);
  await source.leave();
});

law(
  "KafkaSource.report(): upon a split one member has everything and all know why, until it says that all is well",
  4,
  async (world) => {
    await using first = await world.open("split");
    await using second = await world.open("split");
    const one = new TellingMember(), two = new TellingMember();
    await first.join(one);
    await Promise.all([second.join(two), one.heard("assigned", 1)]);
    const heard = [one.told.length, two.told.length] as const;
    first.report({ kind: "split", text: "why" });
    await Promise.all([one.heard("assigned", heard[0]), two.heard("assigned", heard[1])]);
    const [sole, idle] = one.current.partitions.length > 0 ? [one, two] : [two, one];
    assert.deepEqual([sole.current.partitions, idle.current.partitions], [[0, 1, 2, 3], []]);
    assert.deepEqual([sole, idle].map(({ current }) => [current.split, current.partitionCount]), [["why", 4], [
      "why",
      4,
    ]]);
    const told = [one.told.length, two.told.length] as const;
    (sole === one ? first : second).report({ kind: "disjoint" });
    await Promise.all([one.heard("assigned", told[0]), two.heard("assigned", told[1])]);
    assert.deepEqual([one, two].map(({ current }) => [current.split, current.partitions.length]), [[undefined, 2], [
      undefined,
      2,
    ]]);
    await first.leave();
    await second.leave();
  },
);

/** The machine's clock, but for spans that are skipped. */
class SkippingClock implements Clock {
  #skippedMs = 0;

  skip(spanMs: number): void {
    this.#skippedMs += spanMs;
  }

  nowMs(): number {
    return systemClock.nowMs() + this.#skippedMs;
  }

  elapsedMs(): number {
    return systemClock.elapsedMs() + this.#skippedMs;
  }

  after(delayMs: number, fn: () => void): Disposable {
    return systemClock.after(delayMs, fn);
  }

  yield(fn: () => void): void {
    systemClock.yield(fn);
  }
}

async function waitForLeader(source: Source, partition: number): Promise<void> {
  while (source.laneOf(partition) < 0) await source.describe().catch(() => undefined);
}
