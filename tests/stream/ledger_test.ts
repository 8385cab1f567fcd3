import assert from "node:assert/strict";
import { emptyCounts, imbalance, type LedgerLine, ledgerOf } from "../../src/stream/ledger.ts";

const line = (partition: number, change: Partial<LedgerLine> = {}): LedgerLine => ({
  partition,
  position: 107,
  end: 110,
  first: 100,
  counted: 1,
  late: 1,
  future: 1,
  invalid: 1,
  skipped: 3,
  amended: 9,
  ...change,
});

Deno.test("imbalance() is 0 when every offset is accounted for, and counts those that are not", () => {
  assert.strictEqual(imbalance(line(0), 107), 0);
  assert.strictEqual(imbalance(line(0), 108), 1);
  assert.strictEqual(imbalance(line(0), 106), -1);
  for (const key of ["counted", "late", "future", "invalid", "skipped"] as const) {
    assert.strictEqual(imbalance(line(0, { [key]: line(0)[key] + 1 }), 107), -1, key);
  }
});

Deno.test("imbalance() leaves events put back later outside the sum", () => {
  assert.strictEqual(imbalance(line(0, { amended: 1_000 }), 107), 0);
});

Deno.test("emptyCounts() balances at its first offset", () => {
  assert.strictEqual(imbalance(emptyCounts(42), 42), 0);
});

Deno.test("ledgerOf() puts partitions in order and adds up every column; the total balances too", () => {
  const given = [line(10), line(2, { position: 108, counted: 2, end: 200 }), line(0)];
  const { partitions, total } = ledgerOf(given);
  assert.deepStrictEqual(partitions.map(({ partition }) => partition), [0, 2, 10]);
  assert.deepStrictEqual(total, {
    first: 300,
    position: 322,
    end: 420,
    counted: 4,
    late: 3,
    future: 3,
    invalid: 3,
    skipped: 9,
    amended: 27,
  });
  assert.strictEqual(imbalance(total, total.position), 0);
  assert.deepStrictEqual(given.map(({ partition }) => partition), [10, 2, 0]);
});

Deno.test("ledgerOf() nothing is a total of zeros", () => {
  const { partitions, total } = ledgerOf([]);
  assert.deepStrictEqual([partitions, Object.values(total).every((value) => value === 0)], [[], true]);
});
