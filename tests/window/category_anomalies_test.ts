import assert from "node:assert/strict";
import { CategorySimulation, UNDISTURBED } from "../../bench/incidents/simulation.ts";
import { CATEGORY_PROFILES } from "../../src/produce/category_profile.ts";
import { SeededRandom } from "../../src/produce/seeded_random.ts";
import {
  CategoryAnomalies,
  type CategoryFacts,
  type CategoryNews,
  MOST_SILENT_STEPS,
} from "../../src/window/category_anomalies.ts";

const MINUTE_MS = 60_000;
const DAY = 1_440;
const FIRST = 20_000 * DAY;
const OPTIONS = { category: "grocery_pos" };

/** Minutes of a simulated category. */
function simulation(seed: number, ratePerMinute: number): (minute: number) => CategoryFacts {
  const [profile] = CATEGORY_PROFILES.filter(({ name }) => name === OPTIONS.category);
  assert.ok(profile);
  const simulated = new CategorySimulation(profile, ratePerMinute, new SeededRandom(seed, 0));
  return (minute) => simulated.facts(FIRST + minute, UNDISTURBED);
}

function watched(days: number, facts: (minute: number) => CategoryFacts): CategoryAnomalies {
  const anomalies = new CategoryAnomalies(OPTIONS);
  for (let minute = 0; minute < days * DAY; minute++) anomalies.step(facts(minute));
  return anomalies;
}

const opened = (news: readonly CategoryNews[]) =>
  news.flatMap(({ incident }) => incident?.kind === "opened" ? [incident.incident] : []);

Deno.test("CategoryAnomalies.step() raises fewer than one alarm a day without incidents, however many events (seeds 71 to 73)", () => {
  for (const [seed, ratePerMinute] of [[71, 0.2], [72, 5], [73, 100]] as const) {
    const anomalies = new CategoryAnomalies(OPTIONS), facts = simulation(seed, ratePerMinute);
    let alarms = 0;
    for (let minute = 0; minute < 10 * DAY; minute++) alarms += opened(anomalies.step(facts(minute))).length;
    assert.ok(alarms < 10, `seed ${seed}: ${alarms}`);
  }
});

Deno.test("CategoryAnomalies.step() tells a burst of fraud in words (seed 74)", () => {
  const facts = simulation(74, 20), noon = 4.5 * DAY, anomalies = watched(4.5, facts), usual = facts(noon);
  const moments = { ...usual.moments, fraudCount: Math.ceil(usual.moments.count / 2) };
  const [incident] = opened(anomalies.step({ ...usual, moments }));
  assert.match(
    incident?.peak.message ?? "none",
    /^fraud_rate \d+\.\d % in grocery_pos( over \d+ min)?, expected \d\.\d+ % \(\d\.\d+–\d+\.\d+ %\)$/,
  );
  assert.ok((incident?.peak.score ?? 0) > 0.999999);
});

Deno.test("CategoryAnomalies.advance() finds a category that fell silent, without any facts (seed 75)", () => {
  const anomalies = watched(4, simulation(75, 20));
  const noon = (FIRST + 4 * DAY) * MINUTE_MS;
  assert.deepStrictEqual(opened(anomalies.advance(noon)), []);
  const [incident] = opened(anomalies.advance(noon + 12 * 60 * MINUTE_MS));
  assert.ok(incident !== undefined && ["transaction_rate", "unique_customers"].includes(incident.peak.metric));
});

Deno.test("CategoryAnomalies.step() judges the minutes between two facts as without an event, as advance() does (seed 76)", () => {
  const facts = simulation(76, 5), one = watched(1, facts), other = new CategoryAnomalies(OPTIONS, one.data());
  const later = { ...facts(DAY), startMs: (FIRST + DAY + 30) * MINUTE_MS };
  const byStep = one.step(later);
  const byAdvance = [...other.advance(later.startMs), ...other.step(later)];
  assert.strictEqual(byStep.length, 31);
  assert.deepStrictEqual(byStep, byAdvance);
});

Deno.test("CategoryAnomalies.advance() takes a day without events for silence and more for absence (seed 77)", () => {
  const anomalies = watched(1, simulation(77, 5)), from = anomalies.nextMs ?? NaN;
  const again = new CategoryAnomalies(OPTIONS, anomalies.data());
  assert.strictEqual(anomalies.advance(from + MOST_SILENT_STEPS * MINUTE_MS).length, MOST_SILENT_STEPS);
  assert.deepStrictEqual(again.advance(from + (MOST_SILENT_STEPS + 1) * MINUTE_MS), []);
  assert.strictEqual(again.nextMs, from + (MOST_SILENT_STEPS + 1) * MINUTE_MS);
});

Deno.test("CategoryAnomalies.data() through JSON goes on to the bit, incidents included (seed 78)", () => {
  const facts = simulation(78, 10), anomalies = new CategoryAnomalies(OPTIONS);
  let restored = new CategoryAnomalies(OPTIONS);
  for (let minute = 0; minute < DAY; minute++) {
    const usual = facts(minute), isBurst = minute % 400 > 390;
    const now = isBurst ? { ...usual, moments: { ...usual.moments, count: 400, fraudCount: 200 } } : usual;
    assert.deepStrictEqual(restored.step(now), anomalies.step(now));
    if (minute % 37 === 0) restored = new CategoryAnomalies(OPTIONS, JSON.parse(JSON.stringify(anomalies.data())));
  }
});

Deno.test("CategoryAnomalies.data() stays within 60 kB of JSON, whatever came (seed 79)", () => {
  assert.ok(JSON.stringify(watched(15, simulation(79, 3.3)).data()).length < 60_000);
});

Deno.test("CategoryAnomalies.step() refuses a step judged before, and one that does not start where steps start", () => {
  const anomalies = new CategoryAnomalies(OPTIONS), facts = simulation(80, 1)(0);
  anomalies.step(facts);
  assert.throws(() => anomalies.step(facts), RangeError);
  assert.throws(() => anomalies.step({ ...facts, startMs: facts.startMs + 90_000 }), RangeError);
  assert.throws(() => new CategoryAnomalies({ ...OPTIONS, stepMs: 0 }), RangeError);
});
