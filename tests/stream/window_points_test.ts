import assert from "node:assert/strict";
import { murmur3Text } from "../../src/domain/hash.ts";
import { durationTag, panePoint, windowPoint } from "../../src/stream/window_points.ts";
import { CategoryWindow } from "../../src/window/category_window.ts";
import { Columns } from "../../src/window/columns.ts";
import { TOTAL } from "../../src/window/region_totals.ts";
import { windowShape } from "../../src/window/shape.ts";

const SHAPE = windowShape({ slideMs: 5_000, windowMs: 30_000, latenessMs: 0, zeroFillMs: 30_000 });

interface Sale {
  readonly amount: number;
  readonly isFraud?: boolean;
  readonly customer?: string;
}

/** The windows of sales in the pane that starts at 0. */
function windowsOf(sales: readonly Sale[]) {
  const columns = new Columns(), window = new CategoryWindow(SHAPE);
  for (const { amount, isFraud = false, customer } of sales) {
    const customerHash = customer === undefined ? 0 : murmur3Text(customer);
    columns.push(0, {
      amount,
      isFraud: isFraud ? 1 : 0,
      regionId: 0,
      customerHash,
      merchantHash: 0,
      lat: NaN,
      lon: NaN,
    });
  }
  window.tally(columns);
  return window.take({ afterMs: -Infinity, upToMs: Infinity }).windows.map((part) => ({ category: "travel", ...part }));
}

function pointOf(sales: readonly Sale[], endMs = 5_000) {
  const window = windowsOf(sales).find((part) => part.endMs === endMs);
  if (window === undefined) throw new RangeError(`Cannot find window: none ends at ${endMs}`);
  return windowPoint(window, { shape: SHAPE, isFinal: true });
}

Deno.test("windowPoint() has every field of a window, as computed by hand", () => {
  const point = pointOf([
    { amount: 10, customer: "a" },
    { amount: 20, customer: "b", isFraud: true },
    { amount: -6, customer: "a" },
    { amount: 40, isFraud: true },
  ]);
  const { amount_p50: p50, amount_p95: p95, amount_p99: p99, amount_stddev: stddev, ...exact } = point.fields;
  assert.deepStrictEqual({ ...point, fields: exact }, {
    measurement: "transactions_avg",
    tags: { category: "travel", window: "30s" },
    timeMs: 5_000,
    fields: {
      avg_amount: 16,
      amount_min: -6,
      amount_max: 40,
      transaction_count: 4,
      amount_sum: 64,
      fraud_rate: 0.5,
      transactions_per_minute: 8,
      fraud_count: 2,
      fraud_amount: 60,
      unique_customers: 2,
      repeat_customers: 1,
      purchases_per_customer: 1.5,
      final: true,
    },
  });
  // Squared deviations from 16: 36 + 16 + 484 + 576 = 1,112; over 4 events of the population.
  const near = (value: unknown, expected: number, share: number) =>
    assert.ok(Math.abs(Number(value) - expected) <= share * expected, `${value} is not near ${expected}`);
  near(stddev, Math.sqrt(278), 1e-12);
  near(p50, 10, 1 / 128);
  assert.deepStrictEqual([p95, p99].map((value) => Number(value) <= 40 && Number(value) > 39), [true, true]);
});

Deno.test("windowPoint() of one event has no spread, and quantiles that are that event", () => {
  for (const amount of [12.34, -5, 0, 1e12]) {
    const { fields } = pointOf([{ amount }]);
    const told = ["avg_amount", "amount_min", "amount_max", "amount_p50", "amount_p95", "amount_p99"].map((key) =>
      fields[key]
    );
    assert.deepStrictEqual([told, fields["amount_stddev"]], [told.map(() => amount), 0]);
  }
});

Deno.test("windowPoint() of an empty window has zeros, and neither averages, extremes, spread, quantiles nor a rate", () => {
  assert.deepStrictEqual(pointOf([{ amount: 10, customer: "a", isFraud: true }], 35_000), {
    measurement: "transactions_avg",
    tags: { category: "travel", window: "30s" },
    timeMs: 35_000,
    fields: {
      transaction_count: 0,
      amount_sum: 0,
      transactions_per_minute: 0,
      fraud_count: 0,
      fraud_amount: 0,
      unique_customers: 0,
      repeat_customers: 0,
      final: true,
    },
  });
});

Deno.test("windowPoint() and panePoint() say whether they are final", () => {
  const [window] = windowsOf([{ amount: 1 }]);
  assert.ok(window !== undefined);
  const pane = { category: "c", region: "r", startMs: 0, totals: new Float64Array(9) };
  for (const isFinal of [true, false]) {
    assert.strictEqual(windowPoint(window, { shape: SHAPE, isFinal }).fields["final"], isFinal);
    assert.strictEqual(panePoint(pane, isFinal).fields["final"], isFinal);
  }
});

Deno.test("panePoint() has the sums of a region and the centroid of the events that had a place", () => {
  const totals = new Float64Array(9);
  const given = {
    count: 5,
    sum: 42.5,
    min: -1,
    max: 30,
    fraudCount: 2,
    fraudSum: 12,
    located: 4,
    latSum: 100,
    lonSum: -200,
  };
  for (const [name, value] of Object.entries(given)) {
    totals[Object.entries(TOTAL).find(([key]) => key === name)?.[1] ?? 0] = value;
  }
  const placed = panePoint({ category: "travel", region: "CA", startMs: 15_000, totals }, true);
  assert.deepStrictEqual(placed, {
    measurement: "transactions_total",
    tags: { category: "travel", region: "CA" },
    timeMs: 15_000,
    fields: {
      transaction_count: 5,
      amount_sum: 42.5,
      amount_min: -1,
      amount_max: 30,
      fraud_count: 2,
      fraud_amount: 12,
      lat: 25,
      lon: -50,
      final: true,
    },
  });
  totals[TOTAL.located] = 0;
  const { lat: _lat, lon: _lon, ...rest } = placed.fields;
  assert.deepStrictEqual(panePoint({ category: "travel", region: "CA", startMs: 15_000, totals }, true).fields, rest);
});

Deno.test("durationTag() is the duration in its largest whole unit, minutes from two on", () => {
  const tags = [
    [1, "1ms"],
    [999, "999ms"],
    [1_000, "1s"],
    [1_500, "1500ms"],
    [60_000, "60s"],
    [90_000, "90s"],
    [
      120_000,
      "2m",
    ],
    [121_000, "121s"],
    [600_000, "10m"],
    [3_600_000, "1h"],
    [5_400_000, "90m"],
    [86_400_000, "24h"],
  ] as const;
  for (const [durationMs, tag] of tags) assert.strictEqual(durationTag(durationMs), tag);
});
