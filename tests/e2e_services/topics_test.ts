/** Topics as others make them: every codec, one partition without keys; the points go to the embedded store. */
import assert from "node:assert/strict";
import { Backends } from "../../src/cli/backends.ts";
import { systemClock } from "../../src/clock.ts";
import type { Config } from "../../src/config.ts";
import { readBatchHeader } from "../../src/stream/record_batch.ts";
import { assertBalanced, assertExact } from "../e2e/comparison.ts";
import { Installation } from "../e2e/installation.ts";
import { decide, readTopic } from "../e2e/recomputation.ts";
import { exported } from "../e2e/store_law.ts";
import { sharedKafka } from "../kafka/kafka_world.ts";
import { JAVA_CODECS, sendByJava } from "./java_client.ts";

const service = sharedKafka();
const COUNT = 20_000;

function installation(partitions: number): Promise<Installation> {
  const topic = `e2e-${crypto.randomUUID().slice(0, 8)}`;
  return Installation.create({
    KAFKA_BROKERS: service().brokers.join(","),
    KAFKA_TOPIC: topic,
    KAFKA_GROUP_ID: `${topic}-group`,
    TALLY_PARTITIONS: `${partitions}`,
  });
}

/** Generated transactions in the order of their time, none of them late in any topic. */
async function transactions(): Promise<readonly { readonly key: string | null; readonly value: string }[]> {
  await using tally = await Installation.create();
  await tally.run("produce", "--count", `${COUNT}`, "--rate", "200", "--seed", "9", "--speed", "max");
  const text = new TextDecoder();
  const records = (await readTopic(tally.config)).map(({ key, value }) => ({
    key,
    value: text.decode(value ?? undefined),
  }));
  const timeOf = ({ value }: { readonly value: string }): number => Date.parse(JSON.parse(value)["timestamp"]);
  return records.toSorted((a, b) => timeOf(a) - timeOf(b));
}

Deno.test("tally run gives the same totals for a topic of 12 partitions in every codec and for one partition without keys", async (t) => {
  const records = await transactions();
  const keyless = records.map(({ value }) => ({ key: null, value }));
  const kinds = [
    ...JAVA_CODECS.map((codec) => ({ codec, partitions: 12, sent: records })),
    { codec: "none", partitions: 1, sent: keyless } as const,
  ];
  for (const { codec, partitions, sent } of kinds) {
    await t.step(`${codec}, ${partitions} partitions`, async () => {
      await using tally = await installation(partitions);
      const { config } = tally;
      await tally.run("topic", "create");
      await sendByJava(service(), { topic: config.topic, codec, records: sent });
      assert.deepEqual(await codecsOf(config), [codec]);
      const ledger = await tally.catchUp();
      assertBalanced(ledger);
      assert.deepEqual([ledger.partitions.length, ledger.total.counted], [partitions, COUNT]);
      const events = decide(await readTopic(config), config)
        .flatMap((decision) => decision.kind === "counted" ? [decision.event] : []);
      assert.equal(events.length, COUNT);
      assertExact(await exported(tally), events, { shape: config.shape });
    });
  }
});

/** The codecs of the first batches of all partitions, as they lie in the log. */
async function codecsOf(config: Config): Promise<readonly string[]> {
  await using backends = new Backends(config, systemClock);
  const source = await backends.source();
  const { partitions } = await source.describe();
  const codecs = new Set<string>();
  for (const { partition, first: offset, end } of partitions) {
    if (offset === end) continue;
    const [found] = await source.fetch([{ partition, offset, maxBytes: 1_048_576 }], { maxWaitMs: 1_000 });
    assert.ok(found?.kind === "bytes");
    codecs.add(readBatchHeader(new DataView(found.buffer, 0, found.byteLength), 0).codec);
  }
  return [...codecs];
}
