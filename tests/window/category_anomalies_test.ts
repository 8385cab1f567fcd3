import assert from "node:assert/strict";
import { CategorySimulation } from "../../bench/incidents/simulation.ts";
import { CATEGORY_PROFILES } from "../../src/produce/category_profile.ts";
import { UNDISTURBED } from "../../src/produce/incident_kind.ts";
import { SeededRandom } from "../../src/produce/seeded_random.ts";
import { TimeZone } from "../../src/domain/time_zone.ts";
import {
  CategoryAnomalies,
  type CategoryAnomaliesOptions,
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

Deno.test("CategoryAnomalies.advance() judges a day without facts and no more, however many steps at a time (seed 77)", () => {
  const atOnce = watched(1, simulation(77, 5)), from = atOnce.nextMs ?? NaN;
  const byStep = new CategoryAnomalies(OPTIONS, atOnce.data());
  const end = from + (MOST_SILENT_STEPS + 2) * MINUTE_MS, judged: CategoryNews[] = [];
  for (let ms = from; ms <= end; ms += MINUTE_MS) judged.push(...byStep.advance(ms));
  assert.strictEqual(judged.length, MOST_SILENT_STEPS);
  assert.deepStrictEqual(atOnce.advance(end), judged);
  assert.deepStrictEqual(atOnce.data(), byStep.data());
  assert.strictEqual(atOnce.nextMs, end);
  assert.deepStrictEqual(atOnce.advance(end + 1e12), []);
});

Deno.test("CategoryAnomalies.peek() judges a step as step() does, and changes nothing (seed 81)", () => {
  const facts = simulation(81, 20), anomalies = watched(2, facts);
  for (let minute = 2 * DAY; minute < 2 * DAY + 40; minute++) {
    const before = anomalies.data(), next = facts(minute), peeked = anomalies.peek(next);
    assert.deepStrictEqual(anomalies.data(), before);
    assert.deepStrictEqual(anomalies.step(next).flatMap(({ points }) => points), peeked);
  }
});

Deno.test("CategoryAnomalies.peek() does not count twice what a window shares with the last step (seed 82)", () => {
  const facts = simulation(82, 20), anomalies = watched(2, facts), burst = facts(2 * DAY);
  const moments = { ...burst.moments, fraudCount: burst.moments.count };
  anomalies.step({ ...burst, moments });
  const again = { ...burst, moments, startMs: burst.startMs + MINUTE_MS / 2 };
  const fraud = (points: ReturnType<typeof anomalies.peek>) => points.find(({ metric }) => metric === "fraud_rate");
  assert.strictEqual(fraud(anomalies.peek(again))?.minutes, 1);
  const later = { ...again, startMs: burst.startMs + MINUTE_MS };
  assert.ok((fraud(anomalies.peek(later))?.surprise ?? 0) > (fraud(anomalies.peek(again))?.surprise ?? 0));
});

Deno.test("CategoryAnomalies.peek() says nothing before there is something to judge by", () => {
  const facts = simulation(83, 20), anomalies = new CategoryAnomalies({ ...OPTIONS, warmUpSteps: 3 });
  for (let minute = 0; minute < 3; minute++) {
    assert.deepStrictEqual(anomalies.peek(facts(minute)), []);
    anomalies.step(facts(minute));
  }
  assert.strictEqual(anomalies.peek(facts(3)).length > 0, true);
});

Deno.test("CategoryAnomalies follows days by local time: a rhythm of local hours stays usual when clocks change", () => {
  const zone = new TimeZone("America/New_York"), start = Date.UTC(2026, 9, 20);
  const localMs = (timeMs: number) => timeMs + zone.offsetMs(timeMs);
  const alarms = (options: CategoryAnomaliesOptions) => {
    const anomalies = new CategoryAnomalies(options), news: CategoryNews[] = [];
    for (let minute = 0; minute < 14 * DAY; minute++) {
      const startMs = start + minute * MINUTE_MS, hour = new Date(localMs(startMs)).getUTCHours();
      const count = hour >= 8 && hour < 20 ? 400 : 40;
      const moments = { count, sum: 50 * count, m2: 100 * count, fraudCount: count / 20 };
      news.push(...anomalies.step({ startMs, moments, uniqueCustomers: count }));
    }
    return opened(news).filter(({ startMs }) => startMs > Date.UTC(2026, 9, 30)).length;
  };
  assert.deepStrictEqual([alarms({ ...OPTIONS, localMs }), alarms(OPTIONS) > 0], [0, true]);
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
