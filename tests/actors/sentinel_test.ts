import assert from "node:assert/strict";
import { Board } from "../../actors/live.ts";
import { sentinel } from "../../actors/sentinel.ts";
import { child, supervisor, system, virtual } from "../../src/actor/mod.ts";
import { partitionOf } from "../../src/domain/partitioner.ts";
import type { Point } from "../../src/domain/point.ts";
import { TimeZone } from "../../src/domain/time_zone.ts";
import { MemoryStore } from "../fakes/memory_store.ts";
import { seeded } from "../stream/seeded.ts";
import { NEWS, STANDING, T0 } from "./flush_news.ts";

const MINUTE_MS = 60_000;
const SEED = 7;

/** A sentinel of a store, told of flushes by hand. */
async function world(store: MemoryStore) {
  const time = virtual({ startMs: T0 }), board = new Board(time.clock), lease = { ms: Infinity };
  const running = system({ clock: time.clock, random: time.random });
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const leaseRemainingMs = () => lease.ms;
  const zone = new TimeZone("UTC"), latenessMs = 30_000;
  const args = { log, store, board, windowMs: MINUTE_MS, latenessMs, zone, storeTimeoutMs: 3_000, leaseRemainingMs };
  const started = running.start(supervisor({
    id: "tally",
    plan: { strategy: "one_for_one", intensity: { max: 5, withinMs: 60_000 } },
    children: [child(sentinel, { id: "sentinel", args })],
  }));
  await time.advance(0);
  await started;
  board.stand([STANDING]);
  const look = async () => {
    const looked = running.ref(sentinel, "tally/sentinel").ask("look", { withinMs: 60_000 });
    await time.advance(1);
    await looked;
  };
  /** Writes the windows of minutes `[from, to)`, final up to there, as flushes do, and lets the sentinel look. */
  const pass = async (from: number, to: number) => {
    const points = Array.from({ length: to - from }, (_, index) => windowOf(from + index));
    await store.write(points);
    board.take({ ...NEWS, points: points.slice(-1), frontierMs: T0 + to * MINUTE_MS });
    board.publish();
    await look();
  };
  return { lease, board, pass, look, [Symbol.asyncDispose]: () => running.stop() };
}

const BURST = 400;

/** Some hundred purchases a minute, a few of them frauds; from minute `BURST` on for ten minutes a third of them. */
function windowOf(minute: number): Point {
  const random = seeded(SEED + minute);
  const count = 100 + Math.floor(random() * 20);
  const fraud_count = minute >= BURST && minute < BURST + 10 ? 35 : Math.floor(random() * 3);
  return {
    measurement: "transactions_avg",
    tags: { category: "travel", window: "60s" },
    timeMs: T0 + (minute + 1) * MINUTE_MS,
    fields: {
      transaction_count: count,
      amount_sum: 50 * count,
      amount_stddev: 10,
      fraud_count,
      unique_customers: count - 3,
      final: true,
    },
  };
}

const anomalies = (store: MemoryStore) => store.of("transactions_anomaly");

Deno.test("sentinel tells a burst of fraud in the minute in which it begins, with its reason, and nothing before", async () => {
  const store = new MemoryStore();
  await using it = await world(store);
  await it.pass(0, BURST);
  assert.deepStrictEqual(anomalies(store), []);
  await it.pass(BURST, BURST + 1);
  const [first] = anomalies(store);
  assert.deepStrictEqual([first?.tags, first?.timeMs], [
    { category: "travel", region: "", metric: "fraud_rate" },
    T0 + BURST * MINUTE_MS,
  ]);
  assert.match(String(first?.fields["message"]), /^fraud_rate [\d.]+ % in travel, expected [\d.]+ %/);
  assert.ok(Number(first?.fields["score"]) > 0.999_999);
});

Deno.test("sentinel that starts anew says to the bit what one says that was never stopped", async () => {
  const whole = new MemoryStore(), broken = new MemoryStore();
  {
    await using it = await world(whole);
    await it.pass(0, BURST + 20);
  }
  for (const [from, to] of [[0, 130], [130, BURST + 3], [BURST + 3, BURST + 20]] as const) {
    await using it = await world(broken);
    await it.pass(from, from + 2);
    await it.pass(from + 2, to);
  }
  assert.ok(anomalies(whole).length > 0 && broken.of("tally_model").length > 1);
  assert.deepStrictEqual(anomalies(broken), anomalies(whole));
});

Deno.test("sentinel whose write failed says it later, the same", async () => {
  const whole = new MemoryStore(), failing = new MemoryStore();
  {
    await using it = await world(whole);
    await it.pass(0, BURST);
    await it.pass(BURST, BURST + 5);
  }
  await using it = await world(failing);
  await it.pass(0, BURST);
  const write = failing.write.bind(failing);
  await write(Array.from({ length: 5 }, (_, index) => windowOf(BURST + index)));
  failing.failWrites = { count: 1, afterwards: false };
  it.board.take({ ...NEWS, points: [windowOf(BURST)], frontierMs: T0 + (BURST + 5) * MINUTE_MS });
  it.board.publish();
  await it.look();
  assert.deepStrictEqual(anomalies(failing), []);
  await it.look();
  assert.deepStrictEqual(anomalies(failing), anomalies(whole));
});

Deno.test("sentinel writes nothing while somebody else may own the partitions before a write would end", async () => {
  const store = new MemoryStore();
  await using it = await world(store);
  await it.pass(0, BURST);
  it.lease.ms = 3_000;
  await it.pass(BURST, BURST + 1);
  assert.deepStrictEqual(anomalies(store), []);
  it.lease.ms = 3_001;
  await it.look();
  assert.strictEqual(anomalies(store).length > 0, true);
});

Deno.test("sentinel whose partitions change forgets their categories: another process may go on with them", async () => {
  const store = new MemoryStore(), other = 1 - partitionOf(new TextEncoder().encode("travel"), 2);
  await using it = await world(store);
  await it.pass(0, BURST);
  it.board.stand([{ ...STANDING, partition: other }]);
  await store.write([windowOf(BURST)]);
  it.board.take({ ...NEWS, partitionCount: 2, frontierMs: T0 + (BURST + 1) * MINUTE_MS });
  await it.look();
  assert.deepStrictEqual(anomalies(store), []);
});
