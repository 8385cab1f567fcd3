import assert from "node:assert/strict";
import { Season, type SeasonOptions } from "../../src/window/season.ts";

const HOUR_MS = 3_600_000;
const DAY: SeasonOptions = { cycleMs: 24 * HOUR_MS, slots: 24, rate: 0.25 };

/** A season after `days` days, told `perHour` values an hour, each the hour of the day. */
function learnt(days: number, perHour: number): Season {
  const season = new Season(DAY);
  for (let at = 0; at < days * 24 * perHour; at++) {
    season.expected(at * HOUR_MS / perHour);
    season.learn(Math.floor(at / perHour) % 24, 1);
  }
  return season;
}

Deno.test("Season.expected() is what was usual at that time of the cycle, however often values come", () => {
  for (const perHour of [1, 60]) {
    const season = learnt(3, perHour);
    assert.deepStrictEqual([5, 17, 24 + 5].map((hour) => season.expected((72 + hour) * HOUR_MS)), [5, 17, 5]);
  }
});

Deno.test("Season.expected() knows nothing of a slot before its first visit, then what the visit has brought so far", () => {
  const season = new Season(DAY);
  assert.strictEqual(season.expected(0), undefined);
  season.learn(4, 1);
  season.learn(8, 1);
  assert.deepStrictEqual([season.expected(HOUR_MS / 2), season.expected(HOUR_MS)], [6, undefined]);
});

Deno.test("Season.learn() moves a slot by the rate once it has been visited 1 / rate times", () => {
  const season = learnt(8, 1), at = 8 * 24 * HOUR_MS;
  season.expected(at);
  season.learn(100, 1);
  season.expected(at + HOUR_MS);
  assert.strictEqual(season.expected(at + 24 * HOUR_MS), 25);
});

Deno.test("Season.learn() counts a visit by its weight, and one without weight not at all", () => {
  const season = new Season(DAY), days = [[10, 900], [20, 100], [999, 0]] as const;
  days.forEach(([value, weight], day) => {
    season.expected(day * 24 * HOUR_MS);
    season.learn(value, weight);
    season.expected(day * 24 * HOUR_MS + HOUR_MS);
  });
  assert.strictEqual(season.expected(3 * 24 * HOUR_MS), 11);
});

Deno.test("Season.expected() takes times before 1970 as it takes others", () => {
  assert.strictEqual(learnt(2, 1).expected(-19 * HOUR_MS), 5);
});

Deno.test("new Season() refuses data of another number of slots", () => {
  assert.throws(() => new Season({ ...DAY, slots: 48 }, learnt(1, 1).data()), RangeError);
});
