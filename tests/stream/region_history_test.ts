import assert from "node:assert/strict";
import type { Point } from "../../src/domain/point.ts";
import { RegionHistory } from "../../src/stream/region_history.ts";
import { averagePoint } from "../fakes/fake_views.ts";

const MINUTE_MS = 60_000;
const OPTIONS = { keepMs: 10 * MINUTE_MS, settleMs: 2 * MINUTE_MS, capacity: 1_000 };

function pane(region: string, timeMs: number, count: number): Point {
  return {
    measurement: "transactions_total",
    tags: { category: "travel", region },
    timeMs,
    fields: { transaction_count: count, amount_sum: count * 10, fraud_count: 1, fraud_amount: 2, final: true },
  };
}

const counts = (history: RegionHistory, fromMs = 0) =>
  history.totals({ fromMs }).regions.map(({ region, transaction_count: count }) => [region, count]);

async function* streamOf(points: readonly Point[]): AsyncIterable<Point> {
  yield* points;
}

Deno.test("RegionHistory.totals() sums panes by region, biggest first, and says since when", () => {
  const history = new RegionHistory(OPTIONS);
  history.put([pane("CA", 60_000, 3), pane("NY", 60_000, 5), {
    ...pane("CA", 125_000, 4),
    tags: { category: "home", region: "CA" },
  }, averagePoint("home", 0)]);
  assert.deepEqual(history.totals({ fromMs: 0 }), {
    sinceMs: 60_000,
    untilMs: 180_000,
    regions: [
      { region: "CA", transaction_count: 7, amount_sum: 70, fraud_count: 2, fraud_amount: 4 },
      { region: "NY", transaction_count: 5, amount_sum: 50, fraud_count: 1, fraud_amount: 2 },
    ],
  });
  assert.deepEqual(history.totals({ fromMs: 0, category: "home" }).regions.map(({ region }) => region), ["CA"]);
  assert.deepEqual(counts(history, 120_000), [["CA", 4]]);
  assert.deepEqual(new RegionHistory(OPTIONS).totals({ fromMs: 0 }), {
    sinceMs: undefined,
    untilMs: undefined,
    regions: [],
  });
});

Deno.test("RegionHistory.put() replaces a pane of the same name until its minute is sealed, then leaves it", () => {
  const history = new RegionHistory(OPTIONS);
  history.put([pane("CA", 5_000, 1)]);
  history.put([pane("CA", 5_000, 2)]);
  history.put([pane("CA", 2 * MINUTE_MS, 10)]);
  history.put([pane("CA", 5_000, 3)]);
  assert.deepEqual(counts(history), [["CA", 13]]);
  history.put([pane("CA", 3 * MINUTE_MS, 100)]);
  history.put([pane("CA", 5_000, 9)]);
  assert.deepEqual(counts(history), [["CA", 113]]);
});

Deno.test("RegionHistory keeps keepMs of event time, its edge included, and what is older never comes back", () => {
  const history = new RegionHistory(OPTIONS);
  history.put([pane("CA", 0, 1), pane("CA", MINUTE_MS, 2), pane("CA", 11 * MINUTE_MS, 4)]);
  assert.deepEqual([counts(history), history.count], [[["CA", 6]], 2]);
  history.put([pane("CA", 0, 1)]);
  assert.deepEqual(counts(history), [["CA", 6]]);
});

Deno.test("RegionHistory at its capacity drops the oldest minute whole, and never the one that it fills", () => {
  const history = new RegionHistory({ ...OPTIONS, capacity: 3 });
  history.put([pane("CA", 0, 1), pane("NY", 0, 1), pane("CA", MINUTE_MS, 2)]);
  assert.deepEqual(counts(history), [["CA", 3], ["NY", 1]]);
  history.put([pane("NY", MINUTE_MS, 4)]);
  assert.deepEqual(counts(history), [["NY", 4], ["CA", 2]]);
  history.put([pane("TX", MINUTE_MS, 8), pane("FL", MINUTE_MS, 16)]);
  assert.deepEqual([counts(history), history.count], [[["TX", 8], ["NY", 4], ["CA", 2]], 3]);
});

Deno.test("RegionHistory.fill() takes points of an earlier run around what is known, which wins", async () => {
  const history = new RegionHistory(OPTIONS);
  history.put([pane("CA", 5 * MINUTE_MS + 5_000, 100)]);
  const before = [
    pane("CA", 0, 1),
    pane("CA", 5_000, 2),
    pane("NY", 5 * MINUTE_MS, 4),
    pane("CA", 5 * MINUTE_MS + 5_000, 8),
  ];
  await history.fill(streamOf(before));
  assert.deepEqual(counts(history), [["CA", 103], ["NY", 4]]);
  await history.fill(streamOf([]));
  assert.deepEqual(counts(history), [["CA", 103], ["NY", 4]]);
});

Deno.test("RegionHistory() refuses to keep nothing", () => {
  for (const bad of [0, -1, NaN]) {
    assert.throws(() => new RegionHistory({ ...OPTIONS, keepMs: bad }), RangeError);
    assert.throws(() => new RegionHistory({ ...OPTIONS, capacity: bad }), RangeError);
  }
});
