/** The main job, embedded: produce, run, read. */
import assert from "node:assert/strict";
import { systemClock } from "../../src/clock.ts";
import { assertBalanced } from "./comparison.ts";
import { Installation, lastLedger, reachedMiddle } from "./installation.ts";
import { assertFinalsKept, assertStoreExact, assertUndisturbedExact } from "./store_law.ts";

const MEASUREMENTS = ["transactions_avg", "transactions_total"] as const;
/** Four seconds of event time a second, so that windows close while it runs. */
const PACED = ["produce", "--seed", "11", "--rate", "1000", "--speed", "4"];
const BRISK = { TALLY_LATENESS: "2s", TALLY_FLUSH: "200ms", TALLY_IDLE: "500ms" };
/** The promise is 10 s on a machine of its own; here the processor is beside others. */
const DRAIN_MS = 30_000;

Deno.test("tally produce, then run --until-caught-up, leaves exactly the recomputation of the topic; a second run changes no final point", async () => {
  await using tally = await Installation.create();
  await tally.run("produce", "--count", "50000", "--rate", "400", "--seed", "7", "--speed", "max");
  const ledger = await tally.catchUp();
  assertBalanced(ledger);
  assert.equal(ledger.total.position, 50_000);
  await assertUndisturbedExact(tally);
  const exports = () => Promise.all(MEASUREMENTS.map((name) => tally.run("export", "--measurement", name)));
  const before = await exports();
  assert.deepEqual((await tally.catchUp()).total, ledger.total);
  assert.deepEqual(await exports(), before);
});

Deno.test("tally run drains within 10 s of SIGINT, exits 0, and the next run continues exactly and changes no final point", async () => {
  await using tally = await Installation.create(BRISK);
  const producer = tally.start(...PACED, "--count", "32000");
  const processor = tally.start("run");
  await reachedMiddle(await processor.url(), 16_000);
  const signalledAtMs = systemClock.elapsedMs();
  processor.signal("SIGINT");
  const { code, stdout, stderr } = await processor.finished();
  const tookMs = systemClock.elapsedMs() - signalledAtMs;
  assert.ok(code === 0 && tookMs < DRAIN_MS, `exit code ${code} after ${Math.round(tookMs)} ms: ${stderr}`);
  const first = lastLedger(stdout);
  assertBalanced(first);
  const before = await tally.points("transactions_total");
  assert.equal((await producer.finished()).code, 0);
  const second = await tally.catchUp();
  assertBalanced(second);
  assert.ok(first.total.position < 32_000 && second.total.position === 32_000, `at ${first.total.position} when told`);
  await assertStoreExact(tally, { isRaised: true });
  assertFinalsKept(before, await tally.points("transactions_total"));
});

Deno.test("tally run that is killed three times in the middle of a stream loses nothing and doubles nothing", async () => {
  await using tally = await Installation.create(BRISK);
  const producer = tally.start(...PACED, "--count", "48000");
  for (const position of [8_000, 18_000, 28_000]) {
    const processor = tally.start("run");
    await reachedMiddle(await processor.url(), position);
    processor.signal("SIGKILL");
    assert.notEqual((await processor.finished()).code, 0);
  }
  const before = await tally.points("transactions_total");
  assert.equal((await producer.finished()).code, 0);
  const ledger = await tally.catchUp();
  assertBalanced(ledger);
  assert.equal(ledger.total.position, 48_000);
  await assertStoreExact(tally, { isRaised: true });
  assertFinalsKept(before, await tally.points("transactions_total"));
});

Deno.test("tally run --until-caught-up on an empty topic writes nothing and exits 0", async () => {
  await using tally = await Installation.create();
  await tally.run("topic", "create");
  const ledger = await tally.catchUp();
  assertBalanced(ledger);
  assert.deepEqual([ledger.partitions.length, ledger.total.position, ledger.total.counted], [12, 0, 0]);
  for (const name of MEASUREMENTS) assert.deepEqual(await tally.points(name), []);
});
