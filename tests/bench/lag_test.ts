import assert from "node:assert/strict";
import { Lag } from "../../bench/lag.ts";

Deno.test("Lag.saw() gives each event the first moment at which enough could be seen", () => {
  const lag = new Lag([100, 200, 300]);
  lag.saw(1, 150);
  lag.saw(1, 900);
  lag.saw(3, 1_000);
  assert.deepStrictEqual(lag.summary(0), { p50: 700, p99: 800, max: 800, events: 3 });
});

Deno.test("Lag.saw() counts no event that has not been produced", () => {
  const timesMs = [100];
  const lag = new Lag(timesMs);
  lag.saw(5, 110);
  timesMs.push(200);
  assert.equal(lag.seenCount, 1);
});

Deno.test("Lag.summary() leaves out events before the time given", () => {
  const lag = new Lag([100, 200]);
  lag.saw(2, 1_000);
  assert.deepStrictEqual(lag.summary(200), { p50: 800, p99: 800, max: 800, events: 1 });
});
