/** The main job on a real Kafka and a real InfluxDB. */
import assert from "node:assert/strict";
import { systemClock } from "../../src/clock.ts";
import { assertBalanced } from "../e2e/comparison.ts";
import { finalPoints, lastLedger, reachedMiddle, reachedPosition } from "../e2e/installation.ts";
import {
  assertFinalsKept,
  assertSameStore,
  assertStoreExact,
  assertUndisturbedExact,
  exported,
} from "../e2e/store_law.ts";
import { lagsOf } from "./java_client.ts";
import { rowsOf, serviceWorld, sharedServices } from "./services_world.ts";

const services = sharedServices();
/** The promise is 10 s on a machine of its own; here the processor is beside others. */
const DRAIN_MS = 30_000;

Deno.test("tally run --until-caught-up leaves in InfluxDB exactly the recomputation of 200,000 records, and a second run changes nothing", async () => {
  await using world = await serviceWorld(services());
  const { tally, database, group } = world;
  await tally.run("produce", "--count", "200000", "--seed", "5", "--speed", "max");
  const ledger = await tally.catchUp();
  assertBalanced(ledger);
  assert.equal(ledger.total.position, 200_000);
  await assertUndisturbedExact(tally, { read: world.written });

  const names = async (statement: string) => (await rowsOf(database, statement)).map((row) => row["name"]);
  assert.ok((await names("SHOW DATABASES")).includes(database.bucket));
  // Hours too, when one has ended meanwhile.
  const measurements = (await names("SHOW MEASUREMENTS")).filter((name) => name !== "transactions_hourly");
  assert.deepEqual(measurements, [
    "tally_partition",
    "transactions_avg",
    "transactions_customers",
    "transactions_top",
    "transactions_total",
  ]);
  const ten = await rowsOf(database, "SELECT * FROM transactions_avg LIMIT 10");
  assert.equal(ten.length, 10);

  const lags = await lagsOf(services().kafka, group);
  const expected = ledger.partitions.filter(({ end }) => end > 0).map(({ partition, end }) => [partition, end, end, 0]);
  assert.deepEqual(
    [...lags].filter(([, { end }]) => end > 0).map((
      [partition, { position, end, lag }],
    ) => [partition, position, end, lag])
      .toSorted(([a = 0], [b = 0]) => a - b),
    expected,
  );

  const before = await world.written();
  assertSameStore(await exported(tally), before);
  assert.deepEqual((await tally.catchUp()).total, ledger.total);
  assertSameStore(await world.written(), before);
});

Deno.test("tally run on Kafka drains within 10 s of SIGINT, and the next run continues exactly and changes no final point", async () => {
  await using world = await serviceWorld(services(), {
    TALLY_LATENESS: "2s",
    TALLY_FLUSH: "200ms",
    TALLY_IDLE: "500ms",
  });
  const { tally } = world;
  await tally.run("topic", "create");
  const producer = tally.start("produce", "--seed", "11", "--rate", "1000", "--speed", "4", "--count", "48000");
  const processor = tally.start("run");
  await reachedMiddle(await processor.url(), 16_000);
  const signalledAtMs = systemClock.elapsedMs();
  processor.signal("SIGINT");
  const { code, stdout, stderr } = await processor.finished();
  const tookMs = systemClock.elapsedMs() - signalledAtMs;
  assert.ok(code === 0 && tookMs < DRAIN_MS, `exit code ${code} after ${Math.round(tookMs)} ms: ${stderr}`);
  const first = lastLedger(stdout);
  assertBalanced(first);
  const before = await world.written();
  assert.equal((await producer.finished()).code, 0);
  const second = await tally.catchUp();
  assertBalanced(second);
  assert.ok(first.total.position < 48_000 && second.total.position === 48_000, `at ${first.total.position} when told`);
  await assertStoreExact(tally, { read: world.written, isRaised: true });
  assertFinalsKept(before.panes, (await world.written()).panes);
});

Deno.test("tally run makes windows final while partitions that never receive a record stay empty", async () => {
  await using world = await serviceWorld(services(), { TALLY_LATENESS: "2s", TALLY_IDLE: "1s" });
  const { tally } = world;
  await tally.run("topic", "create");
  tally.start("produce", "--rate", "500");
  const url = await tally.start("run").url();
  await finalPoints(url, "transactions_avg");
  const { partitions } = await reachedPosition(url, 1);
  const empty = partitions.filter(({ end }) => end === 0);
  assert.ok(
    partitions.length === 12 && empty.length > 0,
    `${empty.length} of ${partitions.length} partitions are empty`,
  );
});
