/** What every producer and every administration of a log keep to. */
import assert from "node:assert/strict";
import { partitionOf } from "../../src/domain/partitioner.ts";
import type { ContractOptions, MakeWorld, SourceWorld } from "./source_contract.ts";
import { readAll, utf8 } from "./log_reading.ts";

const PARTITIONS = 4;

/** Registers the laws of `LogProducer` and `LogAdmin` for one adapter. */
export function producerContract(name: string, makeWorld: MakeWorld, options: ContractOptions = {}): void {
  const law = (text: string, fn: (world: SourceWorld) => Promise<void>) =>
    Deno.test({
      ...options,
      name: `${name}: ${text}`,
      async fn() {
        await using world = await makeWorld({ partitions: PARTITIONS });
        await fn(world);
      },
    });

  law("send() puts a record where Kafka's default partitioner puts its key", partitionsByKey);
  law("send() spreads records without a key over the partitions", spreads);
  law("send() keeps the order of one key over many calls", keepsOrder);
  law("send() of nothing appends nothing", sendsNothing);
  law("create() makes a topic once, with append time", creates);
  law("remove() takes a topic away once", removes);
}

async function partitionsByKey(world: SourceWorld): Promise<void> {
  await using source = await world.open("by key");
  const keys = Array.from({ length: 100 }, (_, index) => `key ${index}`);
  await world.producer.send(keys.map((key) => ({ key: utf8(key), value: utf8(key) })));
  const expected = Map.groupBy(keys, (key) => partitionOf(utf8(key), PARTITIONS));
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const wanted = expected.get(partition) ?? [];
    const records = await readAll(source, { partition, from: 0, to: wanted.length });
    assert.deepEqual(records.map((record) => record.key), wanted);
  }
}

async function spreads(world: SourceWorld): Promise<void> {
  await using source = await world.open("spread");
  for (let call = 0; call < 10; call++) {
    await world.producer.send(Array.from({ length: 20 }, () => ({ key: null, value: null })));
  }
  const ranges = await source.offsets([0, 1, 2, 3]);
  const ends = [...ranges.values()].map((range) => range.end);
  assert.equal(ends.reduce((sum, end) => sum + end, 0), 200);
  assert.ok(Math.max(...ends) - Math.min(...ends) <= 20, `spread is ${ends}`);
}

async function keepsOrder(world: SourceWorld): Promise<void> {
  await using source = await world.open("key order");
  const key = utf8("one key");
  for (let index = 0; index < 50; index++) await world.producer.send([{ key, value: utf8(`${index}`) }]);
  const records = await readAll(source, { partition: partitionOf(key, PARTITIONS), from: 0, to: 50 });
  assert.deepEqual(records.map((record) => record.value), Array.from({ length: 50 }, (_, index) => `${index}`));
}

async function sendsNothing(world: SourceWorld): Promise<void> {
  await using source = await world.open("nothing");
  await world.producer.send([]);
  const ranges = await source.offsets([0, 1, 2, 3]);
  assert.deepEqual([...ranges.values()].map((range) => range.end), [0, 0, 0, 0]);
}

async function creates(world: SourceWorld): Promise<void> {
  const topic = `${world.topic}-created`;
  assert.equal(await world.admin.describe(topic), undefined);
  assert.equal(await world.admin.create(topic, { partitions: 2 }), true);
  assert.equal(await world.admin.create(topic, { partitions: 5 }), false);
  assert.deepEqual(await world.admin.describe(topic), {
    topic,
    partitions: [{ partition: 0, first: 0, end: 0 }, { partition: 1, first: 0, end: 0 }],
    timestampType: "appendTime",
    cleanupPolicy: "delete",
  });
  await world.admin.remove(topic);
}

async function removes(world: SourceWorld): Promise<void> {
  const topic = `${world.topic}-removed`;
  await world.admin.create(topic, { partitions: 1 });
  assert.equal(await world.admin.remove(topic), true);
  assert.equal(await world.admin.remove(topic), false);
  assert.equal(await world.admin.describe(topic), undefined);
}
