import assert from "node:assert/strict";
import { openOf, unusualOf, withFresh } from "../../src/web/page/unusual.js";

const at = (second: number) => new Date(second * 1_000).toISOString();
const anomaly = (second: number, change: Record<string, unknown> = {}) => ({
  measurement: "transactions_anomaly",
  time: at(second),
  category: "a",
  metric: "fraud_rate",
  region: "",
  score: 0.999_999_9,
  final: true,
  ...change,
});

Deno.test("withFresh() lets the stream replace what was read, point by point, in the order of time", () => {
  const known = [anomaly(1, { final: false }), anomaly(3)];
  const fresh = [anomaly(2), anomaly(1, { score: 0.2 }), anomaly(1, { region: "TX" })];
  const merged = withFresh(known, fresh, "");
  assert.deepEqual(merged.map(({ time, region, score }) => [time, region, score]), [
    [at(1), "", 0.2],
    [at(1), "TX", 0.999_999_9],
    [at(2), "", 0.999_999_9],
    [at(3), "", 0.999_999_9],
  ]);
});

Deno.test("withFresh() takes only anomalies, and of a category only its own", () => {
  const fresh = [anomaly(1, { category: "b" }), anomaly(2), anomaly(3, { measurement: "transactions_incident" })];
  assert.deepEqual(withFresh([], fresh, "a").map(({ time }) => time), [at(2)]);
  assert.deepEqual(withFresh([], fresh, "").map(({ time }) => time), [at(1), at(2)]);
});

Deno.test("unusualOf() leaves out claims that turned out to be usual, and keeps those not yet decided", () => {
  const points = [
    anomaly(1, { score: 0.5, final: false }),
    anomaly(2, { score: 0.999_998 }),
    anomaly(3, { score: 0.999_999 }),
  ];
  assert.deepEqual(unusualOf(points).map(({ time }) => time), [at(1), at(3)]);
});

Deno.test("openOf() has the incidents that last, the newest first", () => {
  const incidents = [1, 2, 3].map((second) => ({ time: at(second), open: second !== 2 }));
  assert.deepEqual(openOf(incidents).map(({ time }) => time), [at(3), at(1)]);
});
