import assert from "node:assert/strict";
import { Model, totalOf } from "../../src/web/page/model.js";
import { message, seen as flat } from "./page_points.ts";

const MINUTE_MS = 60_000;
const RANGE = { rangeMs: 15 * MINUTE_MS, stepMs: 0 };

Deno.test("Model.view() takes its numbers from the newest window that ended by the newest event", () => {
  const model = new Model(RANGE);
  const points = [1_000, 2_000, 3_000].map((timeMs) => flat("a", timeMs, { transactions_per_minute: timeMs }));
  const shown = [999, 1_000, 2_999, 3_000, null].map((highMs) => {
    model.snapshot(message(highMs, points));
    return [model.view().shownMs, model.view().headline.perMinute];
  });
  assert.deepEqual(shown, [[undefined, 0], [1_000, 1_000], [2_000, 2_000], [3_000, 3_000], [3_000, 3_000]]);
});

Deno.test("Model.history() never replaces what the stream has sent since the last snapshot", () => {
  const model = new Model(RANGE);
  const count = (timeMs: number) => model.view().point("a", timeMs)?.transaction_count;
  model.snapshot(message(3_000, [flat("a", 1_000, { transaction_count: 1 })]));
  model.delta(message(3_000, [flat("a", 2_000, { transaction_count: 2 })]));
  model.history([1_000, 2_000, 3_000].map((timeMs) => flat("a", timeMs, { transaction_count: 9 })));
  assert.deepEqual([1_000, 2_000, 3_000].map(count), [1, 2, 9]);
  model.snapshot(message(3_000, [flat("a", 3_000, { transaction_count: 3 })]));
  model.history([1_000, 2_000, 3_000].map((timeMs) => flat("a", timeMs, { transaction_count: 8 })));
  assert.deepEqual([1_000, 2_000, 3_000].map(count), [8, 8, 3]);
});

Deno.test("Model.view() shows its range of event time, its edge included", () => {
  const model = new Model(RANGE);
  const points = [flat("old", 999), flat("edge", 1_000), flat("new", 1_000 + RANGE.rangeMs)];
  model.snapshot(message(null, points));
  model.history([flat("older", 0)]);
  assert.deepEqual(model.view().times, [1_000, 1_000 + RANGE.rangeMs]);
  model.show({ rangeMs: 2 * RANGE.rangeMs, stepMs: 0 });
  model.history([flat("older", 500)]);
  assert.deepEqual(model.view().times, [500, 1_000, 1_000 + RANGE.rangeMs]);
  model.show({ rangeMs: 1, stepMs: 0 });
  assert.deepEqual(model.view().times, [1_000 + RANGE.rangeMs]);
});

Deno.test("Model.slideMs is how far apart the newest windows end, whatever is missing between older ones", () => {
  const model = new Model(RANGE);
  assert.equal(model.slideMs, undefined);
  model.snapshot(message(null, [0, 60_000, 65_000, 75_000].map((timeMs) => flat("a", timeMs))));
  assert.equal(model.slideMs, 5_000);
});

Deno.test("Model of a step keeps what lies behind the newest ten minutes a step apart", () => {
  const model = new Model({ rangeMs: 60 * MINUTE_MS, stepMs: 30_000 });
  const times = [0, 5_000, 30_000, 20 * MINUTE_MS, 20 * MINUTE_MS + 5_000, 30 * MINUTE_MS];
  model.snapshot(message(null, times.map((timeMs) => flat("a", timeMs))));
  assert.deepEqual(model.view().times, times.filter((timeMs) => timeMs !== 5_000));
});

Deno.test("Model.view() compares with the window before, of the same length", () => {
  const model = new Model(RANGE);
  const points = [0, 5_000, 60_000].map((timeMs) => flat("a", timeMs, { transaction_count: timeMs }));
  model.snapshot(message(60_000, points));
  assert.deepEqual([model.view().before?.count, model.view().rows[0]?.before?.transaction_count], [0, 0]);
  model.snapshot(message(5_000, points));
  assert.deepEqual([model.view().before, model.view().rows[0]?.before], [undefined, undefined]);
});

Deno.test("Model.view() of a category has its rows and totals alone, and still names every category", () => {
  const model = new Model(RANGE);
  model.snapshot(message(0, [flat("a", 0, { transaction_count: 3 }), flat("b", 0, { transaction_count: 4 })]));
  const view = model.view("a");
  assert.deepEqual([view.headline.count, view.rows.length, view.trend[0]?.count], [3, 1, 3]);
  assert.deepEqual(view.categories.map(({ category }) => category), ["b", "a"]);
  assert.deepEqual([model.view().headline.count, model.view("c").headline.count], [7, 0]);
});

Deno.test("Model.view() gives colours by name, whoever is biggest, and keeps them", () => {
  const model = new Model(RANGE);
  const colours = () =>
    Object.fromEntries(
      model.view().categories.map(({ category, colour }) => [category, colour]),
    );
  model.snapshot(message(0, [flat("b", 0, { transaction_count: 9 }), flat("a", 0), flat("c", 0)]));
  assert.deepEqual(colours(), { a: 0, b: 1, c: 2 });
  model.delta(message(0, [flat("0", 0)]));
  assert.deepEqual(colours(), { a: 0, b: 1, c: 2, 0: 3 });
});

Deno.test("Model.view() does not change when the model does", () => {
  const model = new Model(RANGE);
  model.snapshot(message(1_000, [flat("a", 1_000, { transaction_count: 1 })]));
  const view = model.view();
  model.delta(message(2_000, [flat("a", 1_000, { transaction_count: 2 }), flat("a", 2_000)]));
  assert.deepEqual([view.times, view.shownMs, view.point("a", 1_000)?.transaction_count], [[1_000], 1_000, 1]);
});

Deno.test("Model.view() orders by size when first seen, and nothing moves afterwards", () => {
  const model = new Model(RANGE);
  const order = () => model.view().rows.map((row: { category: string }) => row.category);
  const sized = (timeMs: number, sizes: Record<string, number>) =>
    message(timeMs, Object.entries(sizes).map(([name, size]) => flat(name, timeMs, { transaction_count: size })));
  model.snapshot(sized(1_000, { a: 1, b: 2 }));
  assert.deepEqual(order(), ["b", "a"]);
  model.delta(sized(2_000, { a: 9, b: 1, c: 5, __proto__x: 6, constructor: 7 }));
  assert.deepEqual(order(), ["b", "a", "constructor", "__proto__x", "c"]);
});

Deno.test("Model starts anew with the points of another window length, and ignores older ones", () => {
  const model = new Model(RANGE);
  model.snapshot(message(null, [flat("a", 1_000)]));
  model.delta(message(null, [{ ...flat("b", 2_000), window: "5m" }, flat("a", 1_500)]));
  assert.deepEqual([model.view().window, model.view().times], ["5m", [2_000]]);
});

Deno.test("Model starts anew when a run is a day or more behind an earlier one in event time", () => {
  const dayMs = 86_400_000, model = new Model(RANGE);
  model.snapshot(message(null, [flat("a", 2 * dayMs)]));
  model.snapshot(message(dayMs, [flat("a", dayMs)]));
  model.history([flat("a", 2 * dayMs)]);
  assert.deepEqual([model.newestMs, model.view().shownMs], [2 * dayMs, undefined]);
  model.snapshot(message(dayMs - 1, [flat("a", dayMs)]));
  model.history([flat("a", 2 * dayMs), flat("b", dayMs - 1)]);
  assert.deepEqual([model.newestMs, model.view().shownMs], [dayMs, dayMs - 1]);
});

Deno.test("totalOf() weighs averages and rates by count, and knows none of nothing", () => {
  const total = totalOf([
    flat("a", 0, { transaction_count: 3, amount_sum: 30, fraud_count: 1, transactions_per_minute: 3 }),
    flat("b", 0, { transaction_count: 1, amount_sum: 50, fraud_count: 1, transactions_per_minute: 1, final: false }),
  ]);
  assert.deepEqual(total, { count: 4, perMinute: 4, amount: 80, average: 20, frauds: 2, fraudRate: 0.5, final: false });
  const nothing = {
    count: 0,
    perMinute: 0,
    amount: 0,
    average: undefined,
    frauds: 0,
    fraudRate: undefined,
    final: false,
  };
  assert.deepEqual(totalOf([]), nothing);
});
