/** Two processes of one group on a real Kafka: a topic that is not keyed by category, and partitions that are added. */
import assert from "node:assert/strict";
import { kafkajsClient } from "../../src/kafka/kafkajs_client.ts";
import { assertBalanced } from "../e2e/comparison.ts";
import { Installation, reachedPosition } from "../e2e/installation.ts";
import { eventually, type Program } from "../e2e/program.ts";
import { readTopic } from "../e2e/recomputation.ts";
import { assertStoreExact } from "../e2e/store_law.ts";
import { type ServiceWorld, serviceWorld, sharedServices } from "./services_world.ts";

const services = sharedServices();
const PARTITIONS = 4;
const BRISK = {
  TALLY_LATENESS: "2s",
  TALLY_FLUSH: "200ms",
  TALLY_IDLE: "1s",
  TALLY_PARTITIONS: `${PARTITIONS}`,
};

interface Health {
  readonly problems: readonly string[];
  readonly partitions: number;
}

/** The answer is what counts here, whatever its status. */
async function healthOf(program: Program): Promise<Health> {
  return await (await fetch(`${await program.url()}/healthz`)).json();
}

/** Resolves once the processes own so many partitions each, in whatever order. */
async function own(programs: readonly Program[], expected: readonly number[]): Promise<void> {
  await eventually(async () => {
    const owned = (await Promise.all(programs.map(healthOf))).map(({ partitions }) => partitions);
    return owned.toSorted().join() === expected.join() ? owned : undefined;
  }, { what: `${expected} partitions` });
}

async function stopped(programs: readonly Program[]): Promise<void> {
  for (const program of programs) program.signal("SIGINT");
  for (const program of programs) {
    const { code, stderr } = await program.finished();
    assert.equal(code, 0, stderr.slice(-2_000));
  }
}

/** Generated transactions, in the order of their time, as lines of a file. */
async function transactionsFile(directory: string, count: number): Promise<string> {
  await using tally = await Installation.create();
  await tally.run("produce", "--count", `${count}`, "--rate", "1000", "--seed", "21", "--speed", "max");
  const text = new TextDecoder();
  const lines = (await readTopic(tally.config)).map(({ value }) => text.decode(value ?? undefined));
  const timeOf = (line: string) => Date.parse(JSON.parse(line)["timestamp"]);
  const path = `${directory}/transactions.jsonl`;
  await Deno.writeTextFile(path, lines.toSorted((a, b) => timeOf(a) - timeOf(b)).join("\n") + "\n");
  return path;
}

async function addPartitions({ tally, topic }: ServiceWorld, count: number): Promise<void> {
  const { kafka } = tally.config;
  assert.ok(kafka !== undefined);
  const admin = kafkajsClient({ brokers: kafka.brokers, ssl: false, clientId: "tally-tests" }).admin();
  await admin.connect();
  await admin.createPartitions({ topicPartitions: [{ topic, count }] });
  await admin.disconnect();
}

Deno.test("tally run: two processes on a topic that is not keyed by category say so, one takes all, and everything is exact", async () => {
  await using world = await serviceWorld(services(), BRISK);
  const { tally } = world, path = await transactionsFile(tally.directory, 20_000);
  await tally.run("topic", "create");
  const programs = [tally.start("run"), tally.start("run")];
  await own(programs, [2, 2]);
  // Keyed by merchant: the processors know nothing of this map.
  const producer = tally.with({ FIELD_MAP: "category=merchant" })
    .start("produce", "--file", path, "--format", "jsonl", "--speed", "1");
  for (const program of programs) {
    const { problems } = await eventually(async () => {
      const health = await healthOf(program);
      return health.problems.length > 0 ? health : undefined;
    }, { what: "a problem" });
    assert.match(problems.join("\n"), /not keyed by category: "\w+" is in partitions \d and \d.*run one process/);
  }
  await own(programs, [0, PARTITIONS]);
  assert.equal((await producer.finished()).code, 0);
  await stopped(programs);
  const ledger = await tally.catchUp();
  assertBalanced(ledger);
  assert.equal(ledger.total.position, 20_000);
  await assertStoreExact(tally, { read: world.written, isRaised: true });
});

Deno.test("tally run: partitions added while two processes run are shared out and read, and everything is exact", async () => {
  await using world = await serviceWorld(services(), BRISK);
  const { tally } = world;
  await tally.run("topic", "create");
  const programs = [tally.start("run"), tally.start("run")];
  await own(programs, [2, 2]);
  const before = tally.start("produce", "--seed", "31", "--rate", "1000", "--count", "10000");
  await eventually(async () => {
    const ledgers = await Promise.all(programs.map(async (program) => await reachedPosition(await program.url(), 1)));
    return ledgers.every(({ total }) => total.position > 1_000) ? ledgers : undefined;
  }, { what: "a middle" });
  await addPartitions(world, 6);
  const after = tally.start("produce", "--seed", "32", "--rate", "1000", "--count", "15000");
  assert.deepEqual([(await before.finished()).code, (await after.finished()).code], [0, 0]);
  await eventually(async () => {
    const owned = (await Promise.all(programs.map(healthOf))).map(({ partitions }) => partitions);
    return owned.reduce((sum, count) => sum + count, 0) === 6 ? owned : undefined;
  }, { what: "6 partitions" });
  await stopped(programs);
  const ledger = await tally.catchUp();
  assertBalanced(ledger);
  assert.deepEqual([ledger.partitions.length, ledger.total.position], [6, 25_000]);
  await assertStoreExact(tally, { read: world.written, isRaised: true });
});
