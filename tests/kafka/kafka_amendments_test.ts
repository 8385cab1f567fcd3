/** The contract of amendments on a real broker, and what else those on Kafka keep to. */
import assert from "node:assert/strict";
import { systemClock } from "../../src/clock.ts";
import { KafkaAmendments } from "../../src/kafka/kafka_amendments.ts";
import { KafkaAdmin } from "../../src/kafka/kafka_admin.ts";
import type { KafkaConfig } from "../../src/kafka/kafka_config.ts";
import { KafkaDeadLetters } from "../../src/kafka/kafka_dead_letters.ts";
import { kafkajsClient } from "../../src/kafka/kafkajs_client.ts";
import type { DeadLetter } from "../../src/stream/dead_letters.ts";
import { amendmentsContract, type AmendmentsWorld } from "../contracts/amendments_contract.ts";
import { configFor, freshTopic, sharedKafka } from "./kafka_world.ts";

const service = sharedKafka();
const options = { clock: systemClock };

interface KafkaAmendmentsWorld extends AmendmentsWorld {
  readonly config: KafkaConfig;
}

async function amendmentsWorld(): Promise<KafkaAmendmentsWorld> {
  const config = configFor(service(), freshTopic("amendments"));
  const admin = new KafkaAdmin(config, systemClock);
  await admin.create(config.topic, { partitions: 2 });
  return {
    config,
    open: () => KafkaAmendments.open(config, options),
    async [Symbol.asyncDispose]() {
      for (const topic of [`${config.topic}.dead`, config.topic]) await admin.remove(topic);
      await admin[Symbol.asyncDispose]();
    },
  };
}

amendmentsContract("KafkaAmendments", amendmentsWorld);

Deno.test("KafkaAmendments.add() mends counts that were not committed after their marks", async () => {
  await using world = await amendmentsWorld();
  await using amendments = await world.open();
  await amendments.add([{ partition: 0, offset: 1 }, { partition: 1, offset: 1 }]);
  const admin = kafkajsClient(world.config).admin();
  await admin.connect();
  await admin.deleteGroups([`${world.config.groupId}.amended`]);
  await admin.disconnect();
  assert.equal((await amendments.counts()).size, 0);
  await amendments.add([]);
  assert.deepEqual([...await amendments.counts()], [[0, 1], [1, 1]]);
});

Deno.test("KafkaAmendments and dead letters are those of one group, marks no letters", async () => {
  await using world = await amendmentsWorld();
  const { config } = world, other = { ...config, groupId: `${config.groupId}-other` };
  const letter: DeadLetter = {
    reason: "late",
    detail: "",
    topic: config.topic,
    partition: 0,
    offset: 5,
    timeMs: 1,
    value: new Uint8Array([1]),
  };
  await using ours = await KafkaDeadLetters.open(config, options);
  await using theirs = await KafkaDeadLetters.open(other, options);
  await using amendments = await world.open();
  await using theirAmendments = await KafkaAmendments.open(other, options);
  await ours.append([letter]);
  await amendments.add([letter]);
  await theirs.append([{ ...letter, offset: 6 }]);
  await theirAmendments.clear();
  const offsets = async (letters: KafkaDeadLetters) =>
    (await Array.fromAsync(letters.read())).map(({ offset }) => offset);
  assert.deepEqual([await offsets(ours), await offsets(theirs)], [[5], [6]]);
  const amended = await Array.fromAsync(amendments.read());
  assert.deepEqual([amended, await Array.fromAsync(theirAmendments.read())], [[{ partition: 0, offset: 5 }], []]);
});
