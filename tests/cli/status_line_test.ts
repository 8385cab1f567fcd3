import assert from "node:assert/strict";
import { type Status, statusText, WindowTotals } from "../../src/cli/status_line.ts";
import type { Point } from "../../src/domain/point.ts";

const NOON = Date.UTC(2026, 0, 1, 12);
const STATUS: Status = {
  perSecond: 1_234,
  lag: 56_789,
  frontierMs: NOON,
  window: { endMs: NOON + 5_000, transactionCount: 60_000, fraudCount: 360 },
  problems: [],
  url: "http://localhost:8080",
};

function point(category: string, timeMs: number, counts: readonly [transactions: number, frauds: number]): Point {
  const [transaction_count, fraud_count] = counts;
  const tags = { category, window: "60s" };
  return { measurement: "transactions_avg", tags, timeMs, fields: { transaction_count, fraud_count, final: false } };
}

Deno.test("statusText() says rate, lag, the newest window, what is final, and where the page is", () => {
  assert.strictEqual(
    statusText(STATUS, 200),
    "1,234/s · lag 56,789 · window 12:00:05: 60,000, fraud 0.6 % · final to 12:00:00 · all acknowledged · http://localhost:8080",
  );
});

Deno.test("statusText() names the first problem, and leaves out what is not known yet", () => {
  const status = {
    ...STATUS,
    frontierMs: -Infinity,
    window: undefined,
    problems: ["the store does not answer", "more"],
  };
  assert.strictEqual(
    statusText(status, 200),
    "1,234/s · lag 56,789 · the store does not answer · http://localhost:8080",
  );
});

Deno.test("statusText() fits the terminal: whole at its length, cut one column below", () => {
  const whole = statusText(STATUS, 200);
  assert.strictEqual(statusText(STATUS, whole.length), whole);
  assert.strictEqual(statusText(STATUS, whole.length - 1), `${whole.slice(0, -2)}…`);
});

Deno.test("WindowTotals.newest() sums the categories of the newest window that has ended, each as last told", () => {
  const totals = new WindowTotals();
  totals.take([point("a", NOON, [5, 1]), point("b", NOON, [2, 0]), point("a", NOON + 5_000, [1, 0])]);
  totals.take([point("a", NOON, [6, 2])]);
  assert.deepStrictEqual(totals.newest(NOON + 4_999), { endMs: NOON, transactionCount: 8, fraudCount: 2 });
  assert.strictEqual(totals.newest(NOON + 5_000)?.transactionCount, 1);
  assert.strictEqual(totals.newest(NOON - 1), undefined);
});

Deno.test("WindowTotals remembers the newest 64 windows", () => {
  const totals = new WindowTotals();
  for (let index = 0; index < 65; index++) totals.take([point("a", NOON + index, [index, 0])]);
  assert.strictEqual(totals.newest(NOON), undefined);
  assert.strictEqual(totals.newest(NOON + 1)?.transactionCount, 1);
});
