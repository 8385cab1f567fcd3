/** What a real broker hands over: batches of any codec, transactions, several partitions at once. */
import assert from "node:assert/strict";
import { systemClock } from "../../src/clock.ts";
import { KafkaBatchProducer } from "../../src/kafka/kafka_batch_producer.ts";
import { KafkaProducer } from "../../src/kafka/kafka_producer.ts";
import { kafkajsClient } from "../../src/kafka/kafkajs_client.ts";
import { type Codec, CODECS, readBatchHeader } from "../../src/stream/record_batch.ts";
import type { LogProducer } from "../../src/stream/log_producer.ts";
import type { FetchedBytes, Source, Want } from "../../src/stream/source.ts";
import { readAll, recordsOf, utf8 } from "../contracts/log_reading.ts";
import type { SourceWorld } from "../contracts/source_contract.ts";
import { configFor, freshTopic, kafkaWorld, sharedKafka } from "./kafka_world.ts";

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

for (const codec of CODECS) {
  law(`KafkaSource.fetch() hands over what Kafka's own producer packed with ${codec}`, 1, async (world) => {
    const config = [`bootstrap.servers=${service().brokers}`, `compression.type=${codec}`, "batch.size=65536"];
    const count = ["--num-records", "2000", "--record-size", "200", "--throughput", "-1"];
    await service().tool("producer-perf", "--topic", world.topic, ...count, "--producer-props", ...config);
    await using source = await world.open("codecs");
    const records = await readAll(source, { partition: 0, from: 0, to: 2_000 });
    assert.deepEqual(records.map((record) => record.offset), Array.from({ length: 2_000 }, (_, offset) => offset));
    assert.ok(records.every((record) => record.value?.length === 200));
    assert.deepEqual(codecsOf(await fetchBytes(source, { partition: 0, offset: 0, maxBytes: 1e6 })), new Set([codec]));
  });
}

law("KafkaSource.fetch() ends before an open transaction and names aborted ones", 1, async (world) => {
  await using source = await world.open("transactions");
  await using committed = await transactor(world.topic);
  await committed.send("committed", "commit");
  await committed.send("aborted", "abort");
  await using open = await transactor(world.topic);
  const finish = await open.begin("open");
  const want: Want = { partition: 0, offset: 0, maxBytes: 1e6 };
  const found = await fetchBytes(source, want);
  // Each transaction ends with a control record, so the aborted one begins at 2 and the open one at 4.
  assert.deepEqual(found.aborted.map((one) => one.firstOffset), [2]);
  assert.deepEqual(recordsOf(found).map((record) => record.value), ["committed", "aborted"]);
  assert.equal(found.aborted[0]?.producerId, readBatchHeader(new DataView(found.buffer), 0).producerId);
  assert.deepEqual([found.endOffset, (await source.offsets([0])).get(0)?.end], [4, 4]);
  const waiting = fetchBytes(source, { ...want, offset: 4 });
  await finish();
  assert.deepEqual(recordsOf(await waiting).map((record) => record.value), ["open"]);
  assert.equal((await source.offsets([0])).get(0)?.end, 6);
});

law("KafkaSource.fetch() does not starve a partition whose batch is larger than its share", 2, async (world) => {
  const wants: Want[] = [0, 1].map((partition) => ({ partition, offset: 0, maxBytes: 10_000 }));
  const keys = keysFor(2);
  for (const key of keys) await world.producer.send([{ key: utf8(key), value: new Uint8Array(100_000) }]);
  await using source = await world.open("starving");
  const seen = new Set<number>();
  for (let fetches = 0; fetches < 2; fetches++) {
    for (const found of await source.fetch(wants, { maxWaitMs: 1_000 })) {
      if (found.kind === "bytes" && found.byteLength > 0) seen.add(found.partition);
    }
  }
  assert.deepEqual([...seen].toSorted(), [0, 1]);
});

law("KafkaSource.fetch() answers for an idle partition beside a busy one", 2, async (world) => {
  const [busy = "", idle = ""] = keysFor(2);
  await world.producer.send([{ key: utf8(busy), value: utf8("1") }]);
  await using source = await world.open("idle");
  const wants = [0, 1].map((partition) => ({ partition, offset: 0, maxBytes: 1e6 }));
  const found = await source.fetch(wants, { maxWaitMs: 1_000 });
  const lengths = new Map(found.map((one) => [one.partition, one.kind === "bytes" ? recordsOf(one).length : -1]));
  assert.deepEqual([lengths.size, [...lengths.values()].toSorted()], [2, [0, 1]], idle);
});

law("KafkaSource.recycle() lends the buffer to a later fetch", 1, async (world) => {
  await world.producer.send([{ key: null, value: utf8("again") }]);
  await using source = await world.open("recycle");
  const want = { partition: 0, offset: 0, maxBytes: 1e6 };
  const first = await fetchBytes(source, want);
  source.recycle(first.buffer);
  const second = await fetchBytes(source, want);
  assert.equal(second.buffer, first.buffer);
  assert.deepEqual(recordsOf(second).map((record) => record.value), ["again"]);
  const third = await fetchBytes(source, want);
  assert.notEqual(third.buffer, second.buffer, "a buffer that is not given back is not lent again");
});

for (const kind of ["KafkaProducer", "KafkaBatchProducer"] as const) {
  law(`${kind}.send() of more bytes than one request holds keeps every record, in order`, 1, async (world) => {
    await using producer = await producerOf(kind, world);
    const value = new Uint8Array(1_000).fill(120);
    await producer.send(Array.from({ length: 3_000 }, (_, index) => ({ key: utf8(`${index}`), value })));
    await using source = await world.open("many");
    const records = await readAll(source, { partition: 0, from: 0, to: 3_000 });
    assert.deepEqual(records.map((record) => record.key), Array.from({ length: 3_000 }, (_, index) => `${index}`));
  });

  law(
    `${kind}.send() of a record that the broker does not take is a RangeError, and later ones go on`,
    1,
    async (world) => {
      await using producer = await producerOf(kind, world);
      await assert.rejects(producer.send([{ key: null, value: new Uint8Array(2_000_000) }]), RangeError);
      await producer.send([{ key: null, value: utf8("small") }]);
      await using source = await world.open("too large");
      assert.deepEqual((await source.offsets([0])).get(0), { first: 0, end: 1 });
    },
  );
}

Deno.test({
  ...sanitized,
  name: "KafkaProducer.send() to a topic that is not there is a ConfigError that says what to do",
  async fn() {
    const topic = freshTopic("missing");
    await using producer = new KafkaProducer(configFor(service(), topic), topic);
    await assert.rejects(producer.send([{ key: null, value: null }]), /Cannot append .* create it/);
  },
});

async function fetchBytes(source: Source, want: Want): Promise<FetchedBytes> {
  const [found] = await source.fetch([want], { maxWaitMs: 10_000 });
  assert.equal(found?.kind, "bytes");
  return found;
}

function codecsOf(found: FetchedBytes): Set<Codec> {
  const view = new DataView(found.buffer, 0, found.byteLength);
  const codecs = new Set<Codec>();
  for (let at = 0; at < found.byteLength;) {
    const header = readBatchHeader(view, at);
    codecs.add(header.codec);
    at = header.nextAt;
  }
  return codecs;
}

/** Keys that Kafka's partitioner sends to partitions 0 … count − 1 of two. */
function keysFor(count: 2): string[] {
  return ["a", "d"].slice(0, count);
}

function producerOf(kind: "KafkaProducer" | "KafkaBatchProducer", world: SourceWorld): Promise<LogProducer> {
  const config = configFor(service(), world.topic);
  if (kind === "KafkaBatchProducer") return KafkaBatchProducer.open(config, world.topic, systemClock);
  return Promise.resolve(new KafkaProducer(config, world.topic));
}

interface Transactor extends AsyncDisposable {
  send(value: string, end: "commit" | "abort"): Promise<void>;
  /** Resolves to what commits it. */
  begin(value: string): Promise<() => Promise<void>>;
}

/** A transactional client of another make. */
async function transactor(topic: string): Promise<Transactor> {
  const transactionalId = freshTopic("transactor");
  const producer = kafkajsClient(configFor(service(), topic)).producer({ transactionalId, maxInFlightRequests: 1 });
  await producer.connect();
  return {
    async send(value, end) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value }] });
      await transaction[end]();
    },
    async begin(value) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value }] });
      return () => transaction.commit();
    },
    [Symbol.asyncDispose]: () => producer.disconnect(),
  };
}
