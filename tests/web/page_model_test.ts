import assert from "node:assert/strict";
import { flatten } from "../../src/domain/point.ts";
import { HISTORY_MS, lineOf, Model, totalOf } from "../../src/web/page/model.js";
import { averagePoint, ledgerAt } from "../fakes/fake_views.ts";

type Fields = Parameters<typeof averagePoint>[2];
const flat = (category: string, timeMs: number, fields: Fields = {}) => flatten(averagePoint(category, timeMs, fields));
const message = (highMs: number | null, points: ReturnType<typeof flat>[]) => ({
  nowMs: 0,
  highMs,
  ledger: ledgerAt(0),
  points,
});

Deno.test("Model.view() takes its numbers from the newest window that ended by the newest event", () => {
  const model = new Model();
  const points = [1_000, 2_000, 3_000].map((timeMs) => flat("a", timeMs, { transactions_per_minute: timeMs }));
  const shown = [999, 1_000, 2_999, 3_000, null].map((highMs) => {
    model.snapshot(message(highMs, points));
    return [model.view().shownMs, model.view().headline.perMinute];
  });
  assert.deepEqual(shown, [[undefined, 0], [1_000, 1_000], [2_000, 2_000], [3_000, 3_000], [3_000, 3_000]]);
});

Deno.test("Model.history() never replaces what the stream has sent since the last snapshot", () => {
  const model = new Model();
  const count = (timeMs: number) => model.view().point("a", timeMs)?.transaction_count;
  model.snapshot(message(3_000, [flat("a", 1_000, { transaction_count: 1 })]));
  model.delta(message(3_000, [flat("a", 2_000, { transaction_count: 2 })]));
  model.history([1_000, 2_000, 3_000].map((timeMs) => flat("a", timeMs, { transaction_count: 9 })));
  assert.deepEqual([1_000, 2_000, 3_000].map(count), [1, 2, 9]);
  model.snapshot(message(3_000, [flat("a", 3_000, { transaction_count: 3 })]));
  model.history([1_000, 2_000, 3_000].map((timeMs) => flat("a", timeMs, { transaction_count: 8 })));
  assert.deepEqual([1_000, 2_000, 3_000].map(count), [8, 8, 3]);
});

Deno.test("Model keeps HISTORY_MS of event time, its edge included", () => {
  const model = new Model();
  model.snapshot(message(null, [flat("old", 999), flat("edge", 1_000), flat("new", 1_000 + HISTORY_MS)]));
  model.history([flat("older", 0)]);
  assert.deepEqual(model.view().times, [1_000, 1_000 + HISTORY_MS]);
});

Deno.test("Model.view() does not change when the model does", () => {
  const model = new Model();
  model.snapshot(message(1_000, [flat("a", 1_000, { transaction_count: 1 })]));
  const view = model.view();
  model.delta(message(2_000, [flat("a", 1_000, { transaction_count: 2 }), flat("a", 2_000)]));
  assert.deepEqual([view.times, view.shownMs, view.point("a", 1_000)?.transaction_count], [[1_000], 1_000, 1]);
});

Deno.test("Model.view() orders by size when first seen, and nothing moves afterwards", () => {
  const model = new Model();
  const order = () => model.view().rows.map((row: { category: string }) => row.category);
  const sized = (timeMs: number, sizes: Record<string, number>) =>
    message(timeMs, Object.entries(sizes).map(([name, size]) => flat(name, timeMs, { transaction_count: size })));
  model.snapshot(sized(1_000, { a: 1, b: 2 }));
  assert.deepEqual(order(), ["b", "a"]);
  model.delta(sized(2_000, { a: 9, b: 1, c: 5, __proto__x: 6, constructor: 7 }));
  assert.deepEqual(order(), ["b", "a", "constructor", "__proto__x", "c"]);
});

Deno.test("Model starts anew with the points of another window length, and ignores older ones", () => {
  const model = new Model();
  model.snapshot(message(null, [flat("a", 1_000)]));
  model.delta(message(null, [{ ...flat("b", 2_000), window: "5m" }, flat("a", 1_500)]));
  assert.deepEqual([model.view().window, model.view().times], ["5m", [2_000]]);
});

Deno.test("Model starts anew when a run is a day or more behind an earlier one in event time", () => {
  const dayMs = 86_400_000, model = new Model();
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
  assert.deepEqual(total, { count: 4, perMinute: 4, average: 20, frauds: 2, fraudRate: 0.5, final: false });
  const nothing = { count: 0, perMinute: 0, average: undefined, frauds: 0, fraudRate: undefined, final: false };
  assert.deepEqual(totalOf([]), nothing);
});

Deno.test("lineOf() draws final and provisional apart, joined at the last final point, with gaps where nothing is", () => {
  const model = new Model();
  const points = [1, 2, 4, 5].map((time) => flat("a", time, { avg_amount: time, final: time <= 2 }));
  model.snapshot(message(null, [...points, flat("b", 3), flat("a", 6, { avg_amount: 6, final: false })]));
  model.delta(message(null, [flat("b", 7)]));
  assert.deepEqual(lineOf(model.view(), { category: "a", field: "avg_amount" }), {
    final: [1, 2, null, null, null, null, null],
    provisional: [null, null, null, 4, 5, 6, null],
  });
  model.delta(message(null, [flat("a", 3, { avg_amount: 3, final: false })]));
  assert.deepEqual(lineOf(model.view(), { category: "a", field: "avg_amount" }).provisional, [
    null,
    2,
    3,
    4,
    5,
    6,
    null,
  ]);
});
