import assert from "node:assert/strict";
import type { AnomalyPoint } from "../../src/window/anomaly_point.ts";
import { type IncidentNews, Incidents } from "../../src/window/incident.ts";

const MINUTE_MS = 60_000;

function point(minute: number, surprise: number, metric: AnomalyPoint["metric"] = "fraud_rate"): AnomalyPoint {
  const timeMs = minute * MINUTE_MS;
  return {
    metric,
    timeMs,
    score: 1 - 10 ** -surprise,
    surprise,
    value: 1,
    expected: 0,
    lower: 0,
    upper: 0,
    minutes: 1,
    message: "",
  };
}

/** The news of a run of surprises, one a minute. */
function newsOf(incidents: Incidents, surprises: readonly number[]): (string | undefined)[] {
  return surprises.map((surprise, minute) =>
    brief(incidents.step((minute + 1) * MINUTE_MS, [point(minute, surprise)]))
  );
}

function brief(news: IncidentNews | undefined): string | undefined {
  if (news === undefined) return undefined;
  const { startMs, endMs, peak } = news.incident;
  return `${news.kind} ${startMs / MINUTE_MS}-${endMs / MINUTE_MS} peak ${peak.surprise}`;
}

Deno.test("Incidents.step() makes one incident of a run of high scores, with start, end and peak", () => {
  const incidents = new Incidents({ open: 6, calm: 2, calmSteps: 2 });
  assert.deepStrictEqual(newsOf(incidents, [1, 7, 3, 9, 1, 2, 0, 1, 1]), [
    undefined,
    "opened 1-2 peak 7",
    "lasted 1-3 peak 7",
    "lasted 1-4 peak 9",
    undefined,
    "lasted 1-6 peak 9",
    undefined,
    "closed 1-6 peak 9",
    undefined,
  ]);
});

Deno.test("Incidents.step() opens at the limit and not below, and calms below its limit and not at it", () => {
  const options = { open: 6, calm: 2, calmSteps: 1 };
  assert.deepStrictEqual(newsOf(new Incidents(options), [5.999]), [undefined]);
  assert.deepStrictEqual(newsOf(new Incidents(options), [6, 2]), ["opened 0-1 peak 6", "lasted 0-2 peak 6"]);
  assert.deepStrictEqual(newsOf(new Incidents(options), [6, 1.999]), ["opened 0-1 peak 6", "closed 0-1 peak 6"]);
});

Deno.test("Incidents.step() has one incident for all metrics, told by the most surprising", () => {
  const incidents = new Incidents();
  const news = incidents.step(MINUTE_MS, [
    point(0, 7, "transaction_rate"),
    point(0, 8, "unique_customers"),
    point(0, 3),
  ]);
  assert.strictEqual(news?.incident.peak.metric, "unique_customers");
});

Deno.test("Incidents.step() takes steps without points for calm", () => {
  const incidents = new Incidents({ calmSteps: 1 });
  assert.deepStrictEqual([brief(incidents.step(MINUTE_MS, [point(0, 9)])), brief(incidents.step(2 * MINUTE_MS, []))], [
    "opened 0-1 peak 9",
    "closed 0-1 peak 9",
  ]);
});

Deno.test("Incidents.data() through JSON goes on as without", () => {
  for (let cut = 0; cut < 6; cut++) {
    const surprises = [7, 1, 8, 1, 1, 7], options = { calmSteps: 2 };
    const whole = newsOf(new Incidents(options), surprises), first = new Incidents(options);
    const before = newsOf(first, surprises.slice(0, cut));
    const second = new Incidents(options, JSON.parse(JSON.stringify(first.data())));
    const after = surprises.slice(cut).map((surprise, index) =>
      brief(second.step((cut + index + 1) * MINUTE_MS, [point(cut + index, surprise)]))
    );
    assert.deepStrictEqual([...before, ...after], whole);
  }
});

Deno.test("new Incidents() refuses to open at or below what it calls calm", () => {
  assert.throws(() => new Incidents({ open: 2, calm: 2 }), RangeError);
});
