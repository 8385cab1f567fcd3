/** Three brokers: each is a lane of its own, and leaders move. */
import assert from "node:assert/strict";
import { FencedError } from "../../src/stream/failures.ts";
import type { Source } from "../../src/stream/source.ts";
import { partitionOf } from "../../src/domain/partitioner.ts";
import { recordsOf, utf8 } from "../contracts/log_reading.ts";
import { kafka } from "../services/services.ts";
import { kafkaWorld, retried } from "./kafka_world.ts";
import { TellingMember } from "./telling_member.ts";

const PARTITIONS = 6;

Deno.test({
  sanitizeOps: true,
  sanitizeResources: true,
  name: "KafkaSource: lanes do not wait for each other, and a killed broker's partitions are read from another",
  async fn() {
    await using cluster = await kafka({ nodes: 3 });
    await using world = await kafkaWorld(cluster, { partitions: PARTITIONS });
    await using source = await world.open("cluster");
    const member = new TellingMember();
    await source.join(member);
    assert.equal(new Set(lanes(source)).size, 3);

    const quiet = 0;
    const loud = lanes(source).findIndex((lane) => lane !== source.laneOf(quiet));
    const startedMs = performance.now();
    const waiting = source.fetch([{ partition: quiet, offset: 0, maxBytes: 1e6 }], { maxWaitMs: 5_000 });
    await world.producer.send([{ key: utf8(keyFor(loud)), value: utf8("loud") }]);
    assert.deepEqual(await read(source, loud, 0), ["loud"]);
    assert.ok(performance.now() - startedMs < 4_000, "the loud lane answered while the quiet one waited");
    await waiting;

    const killed = source.laneOf(loud);
    await cluster.kill(killed);
    await retried(() => world.producer.send([{ key: utf8(keyFor(loud)), value: utf8("moved") }]));
    assert.deepEqual((await retried(() => read(source, loud, 0))).slice(-1), ["moved"]);
    assert.notEqual(source.laneOf(loud), killed);
    await commit(source, member);
    await source.leave();
  },
});

function lanes(source: Source): number[] {
  return Array.from({ length: PARTITIONS }, (_, partition) => source.laneOf(partition));
}

function keyFor(partition: number): string {
  for (let number = 0;; number++) {
    if (partitionOf(utf8(`${number}`), PARTITIONS) === partition) return `${number}`;
  }
}

async function read(source: Source, partition: number, offset: number): Promise<(string | null)[]> {
  const [found] = await source.fetch([{ partition, offset, maxBytes: 1e6 }], { maxWaitMs: 2_000 });
  assert.equal(found?.kind, "bytes");
  return recordsOf(found).map((record) => record.value);
}

/**
 * Commits in the place that we have by then: the killed broker may have been the coordinator, and our session over before
 * another one answered.
 */
async function commit(source: Source, member: TellingMember): Promise<void> {
  for (;;) {
    const toldBefore = member.told.length;
    try {
      return await retried(() =>
        source.commit(member.current.generation, [{ partition: 0, position: 1, metadata: "" }])
      );
    } catch (error) {
      if (!(error instanceof FencedError)) throw error;
      await member.heard("assigned", toldBefore);
    }
  }
}
