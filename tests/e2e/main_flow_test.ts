/** The main job, embedded: produce, run, read. */
import assert from "node:assert/strict";
import { systemClock } from "../../src/clock.ts";
import { assertBalanced, assertExact } from "./comparison.ts";
import { Installation, lastLedger, reachedPosition } from "./installation.ts";
import { decide, readTopic, withoutLetters } from "./recomputation.ts";

const MEASUREMENTS = ["transactions_avg", "transactions_total"] as const;
/** Four seconds of event time a second, so that windows close while it runs. */
const PACED = ["produce", "--seed", "11", "--rate", "1000", "--speed", "4"];
const BRISK = { TALLY_LATENESS: "5s", TALLY_FLUSH: "200ms" };
const DRAIN_MS = 10_000;

async function written(tally: Installation) {
  return { windows: await tally.points("transactions_avg"), panes: await tally.points("transactions_total") };
}

/** Everything in the store is exactly the topic without its dead letters. */
async function assertStoreExact(tally: Installation, isRaised: boolean): Promise<void> {
  const { config } = tally;
  const events = withoutLetters(await readTopic(config), await tally.letters(), config);
  assertExact(await written(tally), events, { shape: config.shape, isRaised });
}

Deno.test("tally produce, then run --until-caught-up, leaves exactly the recomputation of the topic; a second run changes no final point", async () => {
  await using tally = await Installation.create();
  await tally.run("produce", "--count", "50000", "--rate", "400", "--seed", "7", "--speed", "max");
  const ledger = await tally.catchUp();
  assertBalanced(ledger);
  const { config } = tally, decisions = decide(await readTopic(config), config);
  const events = decisions.flatMap((decision) => decision.kind === "counted" ? [decision.event] : []);
  const letters = decisions.filter(({ kind }) => kind !== "counted");
  assert.deepEqual(
    (await tally.letters()).map(({ partition, offset, reason }) => [partition, offset, reason]),
    letters.map(({ record, kind }) => [record.partition, record.offset, kind]),
  );
  assert.deepEqual([ledger.total.position, ledger.total.counted], [50_000, events.length]);
  assertExact(await written(tally), events, { shape: config.shape });

  const exports = () => Promise.all(MEASUREMENTS.map((name) => tally.run("export", "--measurement", name)));
  const before = await exports();
  assert.deepEqual((await tally.catchUp()).total, ledger.total);
  assert.deepEqual(await exports(), before);
});

Deno.test("tally run drains within 10 s of SIGINT, exits 0, and the next run continues exactly and changes no final point", async () => {
  await using tally = await Installation.create(BRISK);
  const producer = tally.start(...PACED, "--count", "32000");
  const processor = tally.start("run");
  await reachedPosition(await processor.url(), 16_000);
  const signalledAtMs = systemClock.elapsedMs();
  processor.signal("SIGINT");
  const { code, stdout } = await processor.finished();
  const tookMs = systemClock.elapsedMs() - signalledAtMs;
  assert.ok(code === 0 && tookMs < DRAIN_MS, `exit code ${code} after ${Math.round(tookMs)} ms`);
  const first = lastLedger(stdout);
  assertBalanced(first);
  const finals = (await tally.points("transactions_total")).filter((point) => point["final"] === true);
  assert.equal((await producer.finished()).code, 0);
  const second = await tally.catchUp();
  assertBalanced(second);
  const positions = [first, second].map(({ total }) => total.position);
  assert.ok((positions[0] ?? 0) < 32_000 && positions[1] === 32_000, `positions ${positions}`);
  await assertStoreExact(tally, true);
  const now = new Map((await tally.points("transactions_total")).map((point) => [nameOf(point), point]));
  assert.ok(finals.length > 0, "windows have closed before the signal");
  assert.deepEqual(finals.map((point) => now.get(nameOf(point))), finals);
});

Deno.test("tally run that is killed three times in the middle of a stream loses nothing and doubles nothing", async () => {
  await using tally = await Installation.create(BRISK);
  const producer = tally.start(...PACED, "--count", "48000");
  for (const position of [8_000, 18_000, 28_000]) {
    const processor = tally.start("run");
    await reachedPosition(await processor.url(), position);
    processor.signal("SIGKILL");
    assert.notEqual((await processor.finished()).code, 0);
  }
  assert.equal((await producer.finished()).code, 0);
  const ledger = await tally.catchUp();
  assertBalanced(ledger);
  assert.equal(ledger.total.position, 48_000);
  await assertStoreExact(tally, true);
});

Deno.test("tally run --until-caught-up on an empty topic writes nothing and exits 0", async () => {
  await using tally = await Installation.create();
  await tally.run("topic", "create");
  const ledger = await tally.catchUp();
  assertBalanced(ledger);
  assert.deepEqual([ledger.partitions.length, ledger.total.position, ledger.total.counted], [12, 0, 0]);
  for (const name of MEASUREMENTS) assert.deepEqual(await tally.points(name), []);
});

function nameOf(point: Readonly<Record<string, unknown>>): string {
  return `${point["category"]} ${point["region"]} ${point["time"]}`;
}
