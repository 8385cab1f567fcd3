import assert from "node:assert/strict";
import { ARCHIVE_LIMITS, archivist } from "../../actors/archivist.ts";
import { Board } from "../../actors/live.ts";
import { child, supervisor, system, virtual } from "../../src/actor/mod.ts";
import type { Measurement, Point } from "../../src/domain/point.ts";
import { DAY_MS, HOUR_MS } from "../../src/stream/roll_up.ts";
import { MemoryStore } from "../fakes/memory_store.ts";
import { NEWS, T0 } from "./flush_news.ts";

const SLIDE_MS = 5_000;

/** An archivist of a store, told of flushes by hand. */
async function world({ store = new MemoryStore(), retentionMs = Infinity } = {}) {
  const time = virtual({ startMs: T0 }), board = new Board(time.clock), lease = { ms: Infinity };
  const running = system({ clock: time.clock, random: time.random });
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const args = { clock: time.clock, log, store, board, retentionMs, slideMs: SLIDE_MS, storeTimeoutMs: 3_000 };
  const started = running.start(supervisor({
    id: "tally",
    plan: { strategy: "one_for_one", intensity: { max: 5, withinMs: 60_000 } },
    children: [child(archivist, { id: "archivist", args: { ...args, leaseRemainingMs: () => lease.ms } })],
  }));
  await time.advance(0);
  await started;
  /** Writes panes of one category as a flush does, and makes everything up to `frontierMs` final. */
  const flush = async (startsMs: readonly number[], frontierMs: number) => {
    await store.write(startsMs.map((timeMs) => pane(timeMs)));
    board.take({ ...NEWS, points: startsMs.map((timeMs) => windowOf(timeMs + SLIDE_MS)), frontierMs });
    board.publish();
  };
  return { time, store, lease, flush, [Symbol.asyncDispose]: () => running.stop() };
}

function pane(timeMs: number): Point {
  const fields = { transaction_count: 1, amount_sum: 1, amount_min: 1, amount_max: 1, fraud_count: 0, fraud_amount: 0 };
  return { measurement: "transactions_total", tags: { category: "a", region: "CA" }, timeMs, fields };
}

function windowOf(timeMs: number): Point {
  const tags = { category: "a", window: "60s" };
  return { measurement: "transactions_avg", tags, timeMs, fields: { transaction_count: 1, final: true } };
}

const hours = (store: MemoryStore) =>
  store.of("transactions_hourly").map(({ timeMs, fields }) => [(timeMs - T0) / HOUR_MS, fields["transaction_count"]]);

Deno.test("archivist rolls an hour up once the frontier has reached its end, within half a minute", async () => {
  await using it = await world();
  await it.flush([T0], T0 + HOUR_MS - 1);
  await it.time.advance(30_000);
  assert.deepStrictEqual(hours(it.store), []);
  await it.flush([], T0 + HOUR_MS);
  await it.time.advance(30_000);
  assert.deepStrictEqual(hours(it.store), [[0, 1]]);
});

Deno.test("archivist rolls an hour up again when a point of it has been written since, and no hour without cause", async () => {
  await using it = await world();
  await it.flush([T0, T0 + HOUR_MS], T0 + 3 * HOUR_MS);
  await it.time.advance(30_000);
  await it.flush([T0 + SLIDE_MS], T0 + 3 * HOUR_MS);
  await it.time.advance(30_000);
  assert.deepStrictEqual(hours(it.store), [[0, 2], [1, 1]]);
  const writes = it.store.writes.length;
  await it.time.advance(300_000);
  assert.strictEqual(it.store.writes.length, writes);
});

Deno.test("archivist that starts anew goes on from the newest hour there is, and one before it", async () => {
  const store = new MemoryStore();
  {
    await using it = await world({ store });
    await it.flush([T0, T0 + HOUR_MS, T0 + 2 * HOUR_MS], T0 + 3 * HOUR_MS);
    await it.time.advance(30_000);
  }
  await store.write([pane(T0 + SLIDE_MS), pane(T0 + HOUR_MS + SLIDE_MS), pane(T0 + 2 * HOUR_MS + SLIDE_MS)]);
  await using it = await world({ store });
  await it.flush([], T0 + 3 * HOUR_MS);
  await it.time.advance(30_000);
  assert.deepStrictEqual(hours(it.store), [[0, 1], [1, 2], [2, 2]]);
});

Deno.test("archivist tries again when the store could not answer", async () => {
  await using it = await world();
  await it.flush([T0], T0 + HOUR_MS);
  it.store.failWrites = { count: 1, afterwards: false };
  await it.time.advance(30_000);
  assert.deepStrictEqual(hours(it.store), []);
  await it.time.advance(30_000);
  assert.deepStrictEqual(hours(it.store), [[0, 1]]);
});

Deno.test("archivist writes nothing while somebody else may own the partitions before a write would end", async () => {
  await using it = await world();
  await it.flush([T0], T0 + HOUR_MS);
  it.lease.ms = 3_000;
  await it.time.advance(30_000);
  assert.deepStrictEqual(hours(it.store), []);
  it.lease.ms = 3_001;
  await it.time.advance(30_000);
  assert.deepStrictEqual(hours(it.store), [[0, 1]]);
});

Deno.test("archivist lets panes and windows go that are older than their time behind the frontier, hours never", async () => {
  await using it = await world({ retentionMs: DAY_MS });
  await it.store.write([windowOf(T0)]);
  await it.flush([T0, T0 + HOUR_MS - SLIDE_MS, T0 + HOUR_MS], T0 + DAY_MS + HOUR_MS - 1);
  await it.time.advance(30_000);
  assert.strictEqual(it.store.of("transactions_total").length, 3);
  await it.flush([], T0 + DAY_MS + HOUR_MS);
  await it.time.advance(30_000);
  assert.deepStrictEqual(it.store.of("transactions_total").map(({ timeMs }) => timeMs - T0), [HOUR_MS]);
  assert.deepStrictEqual(it.store.of("transactions_avg"), []);
  assert.deepStrictEqual(hours(it.store), [[0, 2], [1, 1]]);
});

/** A model, an incident or the note of one. */
const noted = (measurement: Measurement, category: string, timeMs: number): Point => ({
  ...{ measurement, tags: { category, region: "" }, timeMs },
  fields: { state: "{}" },
});
const timesOf = (store: MemoryStore, measurement: Measurement) =>
  store.of(measurement).map(({ timeMs, tags }) => [tags["category"], (timeMs - T0) / HOUR_MS]);
const { modelMs, incidentMs } = ARCHIVE_LIMITS;

Deno.test("archivist lets models go that are too old to the hour, and keeps what a younger frontier would need", async () => {
  await using it = await world();
  const at = [T0, T0 + HOUR_MS - 1, T0 + HOUR_MS, T0 + modelMs, T0 + modelMs + 2 * HOUR_MS];
  await it.store.write(at.map((timeMs) => noted("tally_model", "a", timeMs)));
  await it.flush([], T0 + modelMs + HOUR_MS - 1);
  await it.time.advance(30_000);
  assert.strictEqual(timesOf(it.store, "tally_model").length, 5);
  await it.flush([], T0 + modelMs + HOUR_MS);
  await it.time.advance(30_000);
  assert.deepStrictEqual(timesOf(it.store, "tally_model").map(([, hour]) => hour), [1, 168, 170]);
});

Deno.test("archivist keeps the model that each category goes on from, however old it and how new the others", async () => {
  await using it = await world();
  const endMs = T0 + 3 * modelMs, late = noted("tally_model", "b", T0 + HOUR_MS);
  await it.store.write([T0, T0 + HOUR_MS, endMs].map((timeMs) => noted("tally_model", "a", timeMs)));
  // The second is from a time that the frontier has not reached: nobody can go on from it.
  await it.store.write([noted("tally_model", "b", T0), late, noted("tally_model", "b", endMs + HOUR_MS)]);
  await it.flush([], endMs);
  await it.time.advance(30_000);
  assert.deepStrictEqual(timesOf(it.store, "tally_model"), [["a", 1], ["b", 1], ["a", 504], ["b", 505]]);
  await it.store.write([noted("tally_model", "b", endMs)]);
  await it.flush([], endMs + HOUR_MS);
  await it.time.advance(30_000);
  assert.deepStrictEqual(timesOf(it.store, "tally_model"), [["a", 504], ["b", 504], ["b", 505]]);
});

for (const measurement of ["transactions_incident", "tally_alarm"] as const) {
  Deno.test(`archivist lets points of ${measurement} go that are too old to the hour, whatever windows do`, async () => {
    await using it = await world();
    await it.store.write([T0, T0 + HOUR_MS - 1, T0 + HOUR_MS].map((timeMs) => noted(measurement, "a", timeMs)));
    await it.store.write([windowOf(T0)]);
    await it.flush([], T0 + incidentMs + HOUR_MS - 1);
    await it.time.advance(30_000);
    assert.strictEqual(timesOf(it.store, measurement).length, 3);
    await it.flush([], T0 + incidentMs + HOUR_MS);
    await it.time.advance(30_000);
    assert.deepStrictEqual(timesOf(it.store, measurement), [["a", 1]]);
    assert.strictEqual(it.store.of("transactions_avg").length, 1);
  });
}

/** A store that names many categories and has models of one of them. */
class WideStore extends MemoryStore {
  readonly #categories: readonly string[];

  constructor(count: number) {
    super();
    this.#categories = Array.from({ length: count }, (_, index) => `${index}`);
  }

  override tagValues({ limit }: { readonly limit: number }): Promise<readonly string[]> {
    return Promise.resolve(this.#categories.slice(0, limit));
  }
}

for (const [count, kept] of [[2_000, [336]], [2_001, [0, 336]]] as const) {
  Deno.test(`archivist that has ${count} categories knows ${kept.length === 1 ? "the" : "not the"} newest model of each, and lets ${2 - kept.length} go`, async () => {
    await using it = await world({ store: new WideStore(count) });
    await it.store.write([T0, T0 + 2 * modelMs].map((timeMs) => noted("tally_model", "7", timeMs)));
    await it.flush([], T0 + 2 * modelMs);
    await it.time.advance(30_000);
    assert.deepStrictEqual(timesOf(it.store, "tally_model").map(([, hour]) => hour), kept);
  });
}
