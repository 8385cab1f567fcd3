import assert from "node:assert/strict";
import { Arrivals, arrivalsSpanMs, blockEvents } from "../../src/produce/arrivals.ts";
import { SeededRandom } from "../../src/produce/seeded_random.ts";

const START_MS = 1_700_000_000_000;
const RATES = [0.01, 1, 7.5, 1_000, 4_096, 50_000];

function times(ratePerSecond: number, count: number): number[] {
  const arrivals = new Arrivals(new SeededRandom(9, 1), START_MS, ratePerSecond);
  return Array.from({ length: count }, () => arrivals.nextMs());
}

Deno.test("Arrivals.nextMs() never falls, starts at the start and stays within arrivalsSpanMs()", () => {
  for (const rate of RATES) {
    for (const count of [1, 99, 10_000]) {
      const all = times(rate, count);
      const last = all.at(-1) ?? NaN;
      assert.ok(all.every((atMs, index) => atMs >= (all[index - 1] ?? START_MS)), `rate ${rate}`);
      assert.ok(last < START_MS + arrivalsSpanMs(count, rate) || count === 0, `rate ${rate}, count ${count}`);
    }
  }
});

Deno.test("arrivalsSpanMs() is count / rate, and less than 1.5 s more", () => {
  for (const rate of RATES) {
    for (const count of [0, 1, 99, 10_000]) {
      const extraMs = arrivalsSpanMs(count, rate) - count / rate * 1_000;
      assert.ok(extraMs >= 0 && extraMs < 1_500, `rate ${rate}, count ${count}: ${extraMs} ms more`);
    }
  }
});

Deno.test("Arrivals.nextMs() keeps the rate within 1 % at every rate, at once and without drift", () => {
  for (const rate of RATES) {
    const all = times(rate, 200_000);
    for (const count of [20_000, 200_000]) {
      const spanMs = (all[count - 1] ?? NaN) - START_MS;
      assert.ok(Math.abs(spanMs * rate / 1_000 / count - 1) < 0.01, `rate ${rate}: ${count} events in ${spanMs} ms`);
    }
  }
});

Deno.test("Arrivals.nextMs() has the exponential gaps of a Poisson process inside a block", () => {
  const all = times(1_000, 100_000);
  const gaps = all.slice(1).map((atMs, index) => atMs - (all[index] ?? 0));
  const longer = gaps.filter((gapMs) => gapMs >= 3).length / gaps.length;
  // The share of gaps of at least 3 of their mean, in times cut to whole milliseconds, lies between e^-3 and e^-2.
  assert.ok(longer > 0.05 && longer < 0.14, `${longer}`);
});

Deno.test("blockEvents() is the events of about a second, from 1 to 4,096", () => {
  assert.deepStrictEqual([0.01, 1.4, 1.6, 4_096, 4_097].map(blockEvents), [1, 1, 2, 4_096, 4_096]);
});
