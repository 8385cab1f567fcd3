/** Failures in the middle of a stream through Kafka to InfluxDB: afterwards everything is exact. */
import assert from "node:assert/strict";
import { assertBalanced } from "../e2e/comparison.ts";
import { type FlatPoint, reachedMiddle, reachedPosition } from "../e2e/installation.ts";
import { assertFinalsKept, assertStoreExact } from "../e2e/store_law.ts";
import { serviceWorld, sharedServices } from "./services_world.ts";

const services = sharedServices(true);
const BRISK = { TALLY_LATENESS: "2s", TALLY_FLUSH: "200ms", TALLY_IDLE: "500ms" };

Deno.test("tally run on Kafka that is killed three times in the middle of a stream loses nothing and doubles nothing", async () => {
  await using world = await serviceWorld(services(), BRISK);
  const { tally } = world;
  await tally.run("topic", "create");
  const producer = tally.start("produce", "--seed", "12", "--rate", "1000", "--speed", "2", "--count", "90000");
  const finals: (readonly FlatPoint[])[] = [];
  for (const position of [12_000, 32_000, 52_000]) {
    const processor = tally.start("run");
    await reachedMiddle(await processor.url(), position);
    processor.signal("SIGKILL");
    assert.notEqual((await processor.finished()).code, 0);
    finals.push((await world.written()).panes);
  }
  assert.equal((await producer.finished()).code, 0);
  const ledger = await tally.catchUp();
  assertBalanced(ledger);
  assert.equal(ledger.total.position, 90_000);
  await assertStoreExact(tally, { read: world.written, isRaised: true });
  const { panes } = await world.written();
  for (const before of finals) assertFinalsKept(before, panes);
});

Deno.test("tally run waits for an InfluxDB that is down for 10 s, then everything is exact", async () => {
  await using world = await serviceWorld(services(), BRISK);
  const { tally } = world, { influx } = services();
  await tally.run("topic", "create");
  const producer = tally.start("produce", "--seed", "13", "--rate", "1000", "--speed", "4", "--count", "64000");
  const processor = tally.start("run");
  const url = await processor.url();
  await reachedMiddle(url, 16_000);
  await influx.kill();
  // At 4,000 a second what is left takes the producer at least ten seconds.
  assert.equal((await producer.finished()).code, 0);
  await influx.restart();
  await reachedPosition(url, 64_000);
  processor.signal("SIGINT");
  const { code, stderr } = await processor.finished();
  assert.equal(code, 0, stderr);
  const ledger = await tally.catchUp();
  assertBalanced(ledger);
  assert.equal(ledger.total.position, 64_000);
  await assertStoreExact(tally, { read: world.written, isRaised: true });
});
