import assert from "node:assert/strict";
import { resolveStartMs, type RunStart } from "../../src/produce/start.ts";

const NOW_MS = 1_700_000_000_000.75;
const start = (own: Partial<RunStart>): number =>
  resolveStartMs({ speed: 1, ratePerSecond: 1_000, nowMs: NOW_MS, ...own });

Deno.test("resolveStartMs() starts a run at the speed of the wall clock now", () => {
  assert.deepStrictEqual([start({}), start({ count: 5_000 })], [1_700_000_000_000, 1_700_000_000_000]);
});

Deno.test("resolveStartMs() starts any other run count / rate ago, in whole blocks", () => {
  const agoMs = [60_000, 60_001].map((count) => 1_700_000_000_000 - start({ speed: Infinity, count }));
  assert.deepStrictEqual([...agoMs, 1_700_000_000_000 - start({ speed: 0.5, count: 10, ratePerSecond: 1 })], [
    60_000,
    61_000,
    10_000,
  ]);
});

Deno.test("resolveStartMs() takes the start that was asked for", () => {
  assert.deepStrictEqual([start({ startMs: 0 }), start({ startMs: 1_700_000_000_000, count: 1e6 })], [
    0,
    1_700_000_000_000,
  ]);
});

Deno.test("resolveStartMs() refuses an endless run at another speed without a start, unless future is allowed", () => {
  assert.throws(() => start({ speed: 10 }), RangeError);
  assert.strictEqual(start({ speed: 10, allowFuture: true }), 1_700_000_000_000);
});

Deno.test("resolveStartMs() refuses a start past now and a start before 1970", () => {
  assert.throws(() => start({ startMs: 1_700_000_000_001 }), RangeError);
  assert.strictEqual(start({ startMs: 1_700_000_000_001, allowFuture: true }), 1_700_000_000_001);
  for (const bad of [-1, NaN]) assert.throws(() => start({ startMs: bad }), RangeError);
  assert.throws(() => start({ speed: 2, count: 1e15 }), { message: /before 1970/ });
});

Deno.test("resolveStartMs() refuses a run whose last events are sure to be past now, whatever its speed above 1", () => {
  const hour = { startMs: 1_700_000_000_000 - 3_600_000, ratePerSecond: 1_000 };
  assert.ok(start({ ...hour, speed: Infinity, count: 3_600_000 }));
  assert.throws(() => start({ ...hour, speed: Infinity, count: 3_603_000 }), { message: /last event .* past now/ });
  assert.ok(start({ ...hour, speed: 2, count: 7_200_000 }));
  assert.throws(() => start({ ...hour, speed: 2, count: 7_203_000 }), RangeError);
  assert.ok(start({ ...hour, speed: 1, count: 1e12 }));
  assert.ok(start({ ...hour, speed: Infinity, count: 1e9, allowFuture: true }));
});
