/** Several processes that share a topic: each can be asked about all of it. */
import assert from "node:assert/strict";
import type { Ledger } from "../../src/stream/ledger.ts";
import { assertBalanced } from "../e2e/comparison.ts";
import { Installation } from "../e2e/installation.ts";
import { eventually, json } from "../e2e/program.ts";
import { sharedKafka } from "../kafka/kafka_world.ts";

const service = sharedKafka();
const COUNT = 6_000, PARTITIONS = 4;

Deno.test("tally run: /api/ledger of every process of a group is that of the whole group", async () => {
  const topic = `e2e-${crypto.randomUUID().slice(0, 8)}`;
  await using tally = await Installation.create({
    KAFKA_BROKERS: service().brokers.join(","),
    KAFKA_TOPIC: topic,
    KAFKA_GROUP_ID: `${topic}-group`,
    TALLY_PARTITIONS: `${PARTITIONS}`,
  });
  await tally.run("produce", "--count", `${COUNT}`, "--speed", "max");
  const processes = ["a", "b"].map((name) => {
    return tally.with({ TALLY_DATA_DIR: `${tally.directory}/${name}` }).start("run", "--idle", "1s");
  });
  const urls = await Promise.all(processes.map((process) => process.url()));
  await Promise.all(urls.map((url) =>
    eventually(async () => {
      const { partitions } = await (await fetch(`${url}/healthz`)).json();
      return partitions === PARTITIONS / 2 ? true : undefined;
    }, { what: `half of the partitions at ${url}` })
  ));
  const ledgers = await Promise.all(urls.map((url) =>
    eventually(async () => {
      const ledger = await json<Ledger>(`${url}/api/ledger`);
      const { total: { position, end } } = ledger;
      return position === COUNT && end === COUNT ? ledger : undefined;
    }, { what: `all ${COUNT} records in the ledger at ${url}` })
  ));
  for (const ledger of ledgers) {
    assertBalanced(ledger);
    assert.deepEqual(ledger.partitions.map(({ partition }) => partition), [0, 1, 2, 3]);
  }
  assert.deepEqual(ledgers[0]?.partitions, ledgers[1]?.partitions);
});
