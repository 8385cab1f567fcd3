/** A broker that is killed and comes back, and brokers that cannot be reached at all. */
import assert from "node:assert/strict";
import { systemClock } from "../../src/clock.ts";
import { KafkaAdmin } from "../../src/kafka/kafka_admin.ts";
import { KafkaBatchProducer } from "../../src/kafka/kafka_batch_producer.ts";
import { KafkaProducer } from "../../src/kafka/kafka_producer.ts";
import { KafkaSource } from "../../src/kafka/kafka_source.ts";
import { ConfigError, RetryableError } from "../../src/stream/failures.ts";
import type { FetchedBytes, Source, Want } from "../../src/stream/source.ts";
import { recordsOf, utf8 } from "../contracts/log_reading.ts";
import { kafka } from "../services/services.ts";
import { configFor, freshTopic, kafkaWorld, retried, sharedKafka } from "./kafka_world.ts";
import { commitInPlace, TellingMember } from "./telling_member.ts";

const service = sharedKafka();
/** A test that hangs on a real broker ends by itself. */
const sanitized = { sanitizeOps: true, sanitizeResources: true, timeout: 300_000 };
const want: Want = { partition: 0, offset: 0, maxBytes: 1e6 };

Deno.test({
  ...sanitized,
  name: "KafkaSource: a broker killed and started again is read on, and the member commits again",
  async fn() {
    await using broken = await kafka({ own: true });
    await using world = await kafkaWorld(broken, { partitions: 1 });
    await using source = await world.open("outage");
    const member = new TellingMember();
    await source.join(member);
    await using bulk = await KafkaBatchProducer.open(configFor(broken, world.topic), world.topic, systemClock);
    await bulk.send([{ key: null, value: utf8("before") }]);
    assert.deepEqual(recordsOf(await fetchBytes(source, want)).map((record) => record.value), ["before"]);

    const waiting = source.fetch([{ ...want, offset: 1 }], { maxWaitMs: 20_000 });
    const refused = assert.rejects(waiting, RetryableError);
    await broken.kill();
    await refused;
    await assert.rejects(source.fetch([want], { maxWaitMs: 100 }), RetryableError);
    await assert.rejects(source.offsets([0]), RetryableError);
    await assert.rejects(source.committed([0]), RetryableError);
    await assert.rejects(world.producer.send([{ key: null, value: utf8("lost") }]), RetryableError);
    await assert.rejects(bulk.send([{ key: null, value: utf8("lost") }]), RetryableError);

    await member.heard("lost");
    assert.equal(source.leaseRemainingMs(), 0);
    await broken.restart();
    await retried(() => world.producer.send([{ key: null, value: utf8("after") }]));
    await retried(() => bulk.send([{ key: null, value: utf8("bulk after") }]));
    const values = recordsOf(await retried(() => fetchBytes(source, want))).map((record) => record.value);
    // What was offered again may be there twice.
    assert.deepEqual([...new Set(values)], ["before", "after", "bulk after"]);
    await member.heard("assigned", 2);
    await commitInPlace(source, member, { partition: 0, position: 2, metadata: "after" });
    assert.equal((await retried(() => source.committed([0]))).get(0)?.metadata, "after");
    await source.leave();
  },
});

Deno.test({
  ...sanitized,
  name: "KafkaSource.open() on a topic that is not there is a ConfigError that says what to do",
  async fn() {
    const config = configFor(service(), freshTopic("missing"));
    await assert.rejects(
      KafkaSource.open(config, { clock: systemClock }),
      (error) => error instanceof ConfigError && /Cannot look up topic "missing-.*create it/.test(error.message),
    );
  },
});

Deno.test({
  ...sanitized,
  name: "KafkaSource, KafkaProducer and KafkaAdmin say which broker does not answer",
  async fn() {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const broker = `127.0.0.1:${listener.addr.port}`;
    listener.close();
    const config = { ...configFor(service(), "any"), brokers: [broker] };
    const names = (error: unknown) => error instanceof RetryableError && error.message.includes(broker);
    await assert.rejects(KafkaSource.open(config, { clock: systemClock }), names);
    await using admin = new KafkaAdmin(config, systemClock);
    await assert.rejects(admin.describe("any"), names);
    await assert.rejects(admin.create("any", { partitions: 1 }), RetryableError);
    await using producer = new KafkaProducer(config, "any");
    await assert.rejects(producer.send([{ key: null, value: null }]), RetryableError);
  },
});

Deno.test({
  ...sanitized,
  name: "KafkaSource.fetch() after its topic was removed says that it is gone",
  async fn() {
    await using world = await kafkaWorld(service(), { partitions: 1 });
    await using source = await world.open("removed");
    await world.admin.remove(world.topic);
    await assert.rejects(source.fetch([want], { maxWaitMs: 100 }), ConfigError);
  },
});

async function fetchBytes(source: Source, one: Want): Promise<FetchedBytes> {
  const [found] = await source.fetch([one], { maxWaitMs: 5_000 });
  assert.equal(found?.kind, "bytes");
  return found;
}
