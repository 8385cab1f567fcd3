import assert from "node:assert/strict";
import { flatten, type Point } from "../../src/domain/point.ts";
import { buyingOf, rankedOf } from "../../src/web/page/buying.js";

const MINUTE_MS = 60_000;

function customers(minute: number, fields: Point["fields"]) {
  const timeMs = minute * MINUTE_MS;
  return flatten({ measurement: "transactions_customers", tags: { category: "a" }, timeMs, fields });
}

function top(minute: number, tags: { kind: string; rank: string }, fields: Point["fields"]) {
  const timeMs = minute * MINUTE_MS;
  return flatten({ measurement: "transactions_top", tags: { category: "a", ...tags }, timeMs, fields });
}

const BOUGHT = { bought_1: 6, bought_2: 1, bought_3: 0, bought_4: 0, bought_5_to_9: 1, bought_10_or_more: 0 };

Deno.test("buyingOf() is about the newest window, in whatever order points come", () => {
  const newest = customers(2, { unique_customers: 8, repeat_customers: 2, purchases: 14, purchases_p50: 1, ...BOUGHT });
  const older = customers(1, { unique_customers: 99, repeat_customers: 99, purchases: 999 });
  for (const points of [[older, newest], [newest, older]]) {
    const buying = buyingOf(points);
    assert.deepEqual(
      [buying?.timeMs, buying?.unique, buying?.repeatShare, buying?.perCustomer, buying?.median],
      [2 * MINUTE_MS, 8, 0.25, 1.75, 1],
    );
    assert.deepEqual(buying?.buckets.map(({ label, customers, share }) => [label, customers, share]), [
      ["1", 6, 0.75],
      ["2", 1, 0.125],
      ["3", 0, 0],
      ["4", 0, 0],
      ["5 to 9", 1, 0.125],
      ["10 or more", 0, 0],
    ]);
  }
});

Deno.test("buyingOf() without a window is nothing, and shares of nobody are unknown", () => {
  assert.equal(buyingOf([]), undefined);
  const nobody = buyingOf([customers(1, { unique_customers: 0, repeat_customers: 0, purchases: 0 })]);
  assert.deepEqual([nobody?.repeatShare, nobody?.perCustomer, nobody?.buckets[0]?.customers], [
    undefined,
    undefined,
    0,
  ]);
});

Deno.test("rankedOf() orders ranks as numbers, of one kind and the newest window of it", () => {
  const rank = (kind: string, minute: number, at: number) =>
    top(minute, { kind, rank: String(at) }, { name: `${kind} ${at}`, count: 100 - at, error: 0, share: 0.1 });
  const points = [rank("merchant", 2, 10), rank("merchant", 2, 2), rank("merchant", 1, 1), rank("customer", 3, 1)];
  const ranked = rankedOf(points, "merchant");
  assert.deepEqual(ranked.ranks.map(({ rank, name }) => [rank, name]), [[2, "merchant 2"], [10, "merchant 10"]]);
  assert.deepEqual([ranked.timeMs, ranked.left], [2 * MINUTE_MS, 0]);
});

Deno.test("rankedOf() leaves out who was not counted more often than the count may be wrong, and says how many", () => {
  const rank = (at: number, count: number) =>
    top(1, { kind: "customer", rank: String(at) }, { name: `c${at}`, count, error: 5, share: 0.1 });
  const ranked = rankedOf([rank(1, 6), rank(2, 5), rank(3, 4)], "customer");
  assert.deepEqual([ranked.ranks.map(({ name }) => name), ranked.left, ranked.error], [["c1"], 2, 5]);
});

Deno.test("rankedOf() without points has no window", () => {
  assert.deepEqual(rankedOf([], "merchant"), { timeMs: undefined, error: 0, left: 0, ranks: [] });
});
