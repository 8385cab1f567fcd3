import assert from "node:assert/strict";
import type { FieldValue, Point } from "../../src/domain/point.ts";
import { DAY_MS, HOUR_MS, rollUp } from "../../src/stream/roll_up.ts";
import { MemoryStore } from "../fakes/memory_store.ts";
import { seeded, seedOfRun } from "./seeded.ts";

const T0 = Date.UTC(2026, 0, 5);

function pane(timeMs: number, over: Readonly<Record<string, FieldValue>> = {}, region = "CA"): Point {
  return {
    measurement: "transactions_total",
    tags: { category: "a", region },
    timeMs,
    fields: {
      transaction_count: 2,
      amount_sum: 5,
      amount_min: 1,
      amount_max: 4,
      fraud_count: 1,
      fraud_amount: 4,
      final: true,
      ...over,
    },
  };
}

async function rolled(points: readonly Point[], range: { fromMs?: number; toMs?: number; finalMs?: number } = {}) {
  const store = new MemoryStore();
  await store.write(points);
  await rollUp(store, { fromMs: T0, toMs: T0 + 10 * DAY_MS, finalMs: T0 + 10 * DAY_MS, ...range });
  return store;
}

Deno.test("rollUp() sums the final panes of each hour and region, provisional ones not at all", async () => {
  const { of } = await rolled([
    pane(T0),
    pane(T0 + HOUR_MS - 5_000, { transaction_count: 3, amount_sum: 7, amount_min: -1, amount_max: 9, fraud_count: 0 }),
    pane(T0 + 1_000, { final: false, transaction_count: 100 }),
    pane(T0 + 10_000, {}, "NY"),
    pane(T0 + HOUR_MS),
  ]).then((store) => ({ of: store.of.bind(store) }));
  const sums = of("transactions_hourly").map(({ timeMs, tags, fields }) => [
    timeMs - T0,
    tags["region"],
    fields["transaction_count"],
    fields["amount_sum"],
    fields["amount_min"],
    fields["amount_max"],
    fields["fraud_count"],
  ]);
  assert.deepStrictEqual(sums, [
    [0, "CA", 5, 12, -1, 9, 1],
    [0, "NY", 2, 5, 1, 4, 1],
    [HOUR_MS, "CA", 2, 5, 1, 4, 1],
  ]);
});

Deno.test("rollUp() takes hours that have ended by then, not one that ends a millisecond later; days likewise", async () => {
  const panes = [pane(T0), pane(T0 + DAY_MS - 1_000)];
  const counts = async (finalMs: number) => {
    const store = await rolled(panes, { finalMs });
    return [store.of("transactions_hourly").length, store.of("transactions_daily").length];
  };
  assert.deepStrictEqual(await counts(T0 + HOUR_MS - 1), [0, 0]);
  assert.deepStrictEqual(await counts(T0 + HOUR_MS), [1, 0]);
  assert.deepStrictEqual(await counts(T0 + DAY_MS - 1), [1, 0]);
  assert.deepStrictEqual(await counts(T0 + DAY_MS), [2, 1]);
});

Deno.test("rollUp() of a stretch redoes the hours and days that it touches, and no others", async () => {
  const store = await rolled([pane(T0), pane(T0 + HOUR_MS), pane(T0 + DAY_MS)]);
  const late = pane(T0 + HOUR_MS + 5_000);
  await store.write([late]);
  store.writes.length = 0;
  await rollUp(store, { fromMs: late.timeMs, toMs: late.timeMs + 5_000, finalMs: T0 + 2 * DAY_MS });
  assert.deepStrictEqual(
    store.writes.flat().map((
      { measurement, timeMs, fields },
    ) => [measurement, timeMs - T0, fields["transaction_count"]]),
    [["transactions_hourly", HOUR_MS, 4], ["transactions_daily", 0, 6]],
  );
});

Deno.test("rollUp() of everything at once equals an hour at a time in any order, and sums what the panes hold", async () => {
  const seed = seedOfRun(), random = seeded(seed);
  console.log("seed", seed);
  const panes = Array.from({ length: 500 }, () =>
    pane(T0 + Math.floor(random() * 3 * DAY_MS / 5_000) * 5_000, {
      transaction_count: Math.floor(random() * 9),
      lat: random() * 90,
      lon: random(),
    }, random() < 0.5 ? "CA" : "NY"));
  const whole = await rolled(panes);
  const piecewise = new MemoryStore();
  await piecewise.write(panes);
  for (let hour = 0; hour < 72; hour++) {
    const fromMs = T0 + ((hour * 31) % 72) * HOUR_MS;
    await rollUp(piecewise, { fromMs, toMs: fromMs + HOUR_MS, finalMs: T0 + 10 * DAY_MS });
  }
  const total = (points: readonly Point[]) =>
    points.reduce((sum, { fields }) => sum + Number(fields["transaction_count"]), 0);
  for (const measurement of ["transactions_hourly", "transactions_daily"] as const) {
    assert.deepStrictEqual(piecewise.of(measurement), whole.of(measurement));
    assert.strictEqual(total(whole.of(measurement)), total(whole.of("transactions_total")));
  }
});

Deno.test("rollUp() weighs centroids by transactions, and leaves them out where no pane has one", async () => {
  const store = await rolled([
    pane(T0, { transaction_count: 1, lat: 10, lon: 20 }),
    pane(T0 + 5_000, { transaction_count: 3, lat: 30, lon: 40 }),
    pane(T0 + 10_000),
    pane(T0 + HOUR_MS),
  ]);
  const [first, second] = store.of("transactions_hourly");
  assert.deepStrictEqual([first?.fields["lat"], first?.fields["lon"], second?.fields["lat"]], [25, 35, undefined]);
});
