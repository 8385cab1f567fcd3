/** Three brokers: each is a lane of its own, and leaders move. */
import assert from "node:assert/strict";
import type { Source } from "../../src/stream/source.ts";
import { partitionOf } from "../../src/domain/partitioner.ts";
import { recordsOf, utf8 } from "../contracts/log_reading.ts";
import { kafka } from "../services/services.ts";
import { kafkaWorld, retried } from "./kafka_world.ts";
import { commitInPlace, TellingMember } from "./telling_member.ts";

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
    await retried(() => source.join(member)); // Who coordinates may not be settled yet in a cluster this young.
    const [quiet, loud] = onTwoLanes(source);
    const send = (partition: number, value: string) =>
      retried(() => world.producer.send([{ key: utf8(keyFor(partition)), value: utf8(value) }]));
    await send(loud, "loud");
    let isOver = false;
    const waiting = retried(() => source.fetch([{ partition: quiet, offset: 0, maxBytes: 1e6 }], { maxWaitMs: 20_000 }))
      .finally(() => isOver = true);
    assert.deepEqual(await read(source, loud, 0), ["loud"]);
    assert.equal(isOver, false, "the loud lane answers while the quiet one waits");
    await send(quiet, "ends the wait");
    await waiting;

    const killed = source.laneOf(loud);
    await cluster.kill(killed);
    await send(loud, "moved");
    // Whoever leads now hands a record over once it knows that the others have it.
    while ((await read(source, loud, 0)).at(-1) !== "moved");
    assert.notEqual(source.laneOf(loud), killed);
    await commitInPlace(source, member, { partition: 0, position: 1, metadata: "" });
    await source.leave();
  },
});

/** A partition and another one that is led by another broker: on a busy machine not every broker leads from the start. */
function onTwoLanes(source: Source): readonly [number, number] {
  const other = Array.from({ length: PARTITIONS }, (_, partition) => partition)
    .find((partition) => source.laneOf(partition) !== source.laneOf(0));
  assert.ok(other !== undefined, "all partitions are led by one broker");
  return [0, other];
}

function keyFor(partition: number): string {
  for (let number = 0;; number++) {
    if (partitionOf(utf8(`${number}`), PARTITIONS) === partition) return `${number}`;
  }
}

async function read(source: Source, partition: number, offset: number): Promise<readonly (string | null)[]> {
  const [found] = await retried(() => source.fetch([{ partition, offset, maxBytes: 1e6 }], { maxWaitMs: 2_000 }));
  assert.equal(found?.kind, "bytes");
  return recordsOf(found).map((record) => record.value);
}
