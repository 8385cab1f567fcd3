/**
 * Reads a topic to its end by one of three clients and does nothing with it: what the client alone costs.
 *
 *     deno run -A bench/drain.ts tally|kafkajs|platformatic RECORDS
 *
 * Brokers, topic and group come from the environment, as for the program. Prints marks and what it has seen.
 */
import { Consumer } from "@platformatic/kafka";
import { systemClock } from "../src/clock.ts";
import { kafkajsClient } from "../src/kafka/kafkajs_client.ts";
import { KafkaSource } from "../src/kafka/kafka_source.ts";
import { PIPELINE_LIMITS } from "../src/cli/pipeline_tree.ts";
import { planFetch } from "../src/stream/lane_plan.ts";
import { readBatchHeader } from "../src/stream/record_batch.ts";
import type { FetchedBytes } from "../src/stream/source.ts";

interface Task {
  readonly brokers: string[];
  readonly topic: string;
  readonly group: string;
  readonly records: number;
}

const MARKS = 12;
const SESSION_MS = 10_000;

/** Counts, and prints marks. */
class Counter {
  readonly #wanted: number;
  #records = 0;
  #bytes = 0;
  #nextMark = 0;

  constructor(wanted: number) {
    this.#wanted = wanted;
  }

  get isDone(): boolean {
    return this.#records >= this.#wanted;
  }

  /** Takes note of more records; `bytes` of what the client handed over. */
  add(records: number, bytes: number): void {
    this.#records += records;
    this.#bytes += bytes;
    if (this.#records < this.#nextMark) return;
    console.log(`P ${this.#records} ${systemClock.nowMs()}`);
    this.#nextMark = this.#records + this.#wanted / MARKS;
  }

  finish(): void {
    console.log(`P ${this.#records} ${systemClock.nowMs()}`);
    console.log(`DONE records=${this.#records} bytes=${this.#bytes}`);
  }
}

/** The program's own source, fetching as the program does. */
async function byTally({ brokers, topic, group, records }: Task, counter: Counter): Promise<void> {
  const access = { brokers, ssl: false, clientId: "bench" };
  const config = { ...access, topic, groupId: group, sessionTimeoutMs: SESSION_MS };
  await using source = await KafkaSource.open(config, { clock: systemClock });
  const { partitions } = await source.describe();
  const states = partitions.map(({ partition, first, end }) => (
    { partition, fetchOffset: first, endOffset: end, stopAt: end, inFlightBytes: 0, isPaused: false, askedAtMs: 0 }
  ));
  const limits = { ...PIPELINE_LIMITS, maxWaitMs: PIPELINE_LIMITS.fetchWaitMs };
  for (let turn = 0; !counter.isDone; turn++) {
    const plan = planFetch(states, limits, { turn, nowMs: systemClock.elapsedMs() });
    if (plan === undefined) throw new RangeError(`Cannot drain: the topic ended before ${records} records`);
    for (const answer of await source.fetch(plan.wants, { maxWaitMs: plan.maxWaitMs })) {
      const state = states.find(({ partition }) => partition === answer.partition);
      if (answer.kind !== "bytes" || state === undefined) throw new RangeError("Cannot drain: an offset is gone");
      state.fetchOffset = countBatches(answer, counter) ?? state.fetchOffset;
      source.recycle(answer.buffer);
    }
  }
}

/** Counts the records of whole batches by their headers; the offset after the last of them. */
function countBatches({ buffer, byteLength }: FetchedBytes, counter: Counter): number | undefined {
  const view = new DataView(buffer, 0, byteLength);
  let records = 0;
  let next: number | undefined;
  for (let at = 0; at < byteLength;) {
    const header = readBatchHeader(view, at);
    records += header.recordCount;
    next = header.lastOffset + 1;
    at = header.nextAt;
  }
  counter.add(records, byteLength);
  return next;
}

/** kafkajs, batch by batch, with fetches as large as ours. */
async function byKafkajs({ brokers, topic, group }: Task, counter: Counter): Promise<void> {
  const consumer = kafkajsClient({ brokers, ssl: false, clientId: "bench" }).consumer({
    groupId: group,
    maxBytesPerPartition: PIPELINE_LIMITS.fetchBytes,
    maxBytes: 64 * 1_024 * 1_024,
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  const done = Promise.withResolvers<void>();
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: true,
    eachBatch: ({ batch }) => {
      counter.add(batch.messages.length, batch.messages.reduce((sum, { value }) => sum + (value?.length ?? 0), 0));
      if (counter.isDone) done.resolve();
      return Promise.resolve();
    },
  });
  await done.promise;
  await consumer.disconnect();
}

/** The consumer of @platformatic/kafka, message by message, with fetches as large as ours. */
async function byPlatformatic({ brokers, topic, group }: Task, counter: Counter): Promise<void> {
  const consumer = new Consumer({
    clientId: "bench",
    groupId: group,
    bootstrapBrokers: brokers,
    autocommit: false,
    maxBytes: PIPELINE_LIMITS.fetchBytes,
    highWaterMark: 16_384,
  });
  const stream = await consumer.consume({ topics: [topic], mode: "earliest" });
  for await (const message of stream) {
    counter.add(1, message.value.length);
    if (counter.isDone) break;
  }
  await consumer.close(true);
}

const CLIENTS = { tally: byTally, kafkajs: byKafkajs, platformatic: byPlatformatic };

function isClient(name: string): name is keyof typeof CLIENTS {
  return Object.hasOwn(CLIENTS, name);
}

const [client = "", records = ""] = Deno.args;
if (!isClient(client)) throw new TypeError(`Cannot drain by ${client}: known are ${Object.keys(CLIENTS)}`);
const setting = (name: string) => Deno.env.get(name) ?? "";
const task = {
  brokers: setting("KAFKA_BROKERS").split(","),
  topic: setting("KAFKA_TOPIC"),
  group: setting("KAFKA_GROUP_ID"),
  records: Number(records),
};
const counter = new Counter(task.records);
if (task.records > 0) await CLIENTS[client](task, counter);
counter.finish();
Deno.exit(0);
