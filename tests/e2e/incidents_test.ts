/** Incidents put into a stream, and found in it again. */
import assert from "node:assert/strict";
import { type FlatPoint, Installation, linesOf } from "./installation.ts";

/** Three and a half hours of event time: a category is judged once it has been seen for 180 windows of a minute. */
const RUN = ["produce", "--seed", "5", "--start", "2026-01-05T12:00:00Z", "--rate", "2", "--count", "24900"];
const INCIDENTS = [
  "fraud-burst:category=grocery_pos,at=+190m,for=15m,strength=0.6",
  "dead-category:category=shopping_pos,at=2026-01-05T15:10:00Z,for=15m",
];
/** Minutes as panes and windows: nothing but the sentinel's steps matters here. */
const BY_MINUTES = { TALLY_SLIDE: "60s", TALLY_WINDOW: "60s" };

interface Label {
  readonly kind: string;
  readonly category: string;
  readonly start: string;
  readonly end: string;
}

Deno.test("tally produce --incident puts into the stream what its labels say, and run finds it there", async () => {
  await using tally = await Installation.create(BY_MINUTES);
  const labels = `${tally.directory}/labels.jsonl`, flags = INCIDENTS.flatMap((spec) => ["--incident", spec]);
  await tally.run(...RUN, "--speed", "max", ...flags, "--labels", labels);
  assert.deepStrictEqual(linesOf<Label>(await Deno.readTextFile(labels)), [
    { kind: "fraud-burst", category: "grocery_pos", strength: 0.6, ...TIMES },
    { kind: "dead-category", category: "shopping_pos", strength: 0, ...TIMES },
  ]);
  await tally.catchUp();
  const found = (await tally.points("transactions_anomaly")).filter(({ region }) => region === "");
  assert.ok(metricsWithin(found, "grocery_pos").includes("fraud_rate"));
  assert.ok(metricsWithin(found, "shopping_pos").includes("transaction_rate"));
  assert.deepStrictEqual(found.filter(({ time }) => String(time) < TIMES.start), []);
});

const TIMES = { start: "2026-01-05T15:10:00.000Z", end: "2026-01-05T15:25:00.000Z", seed: 5 };

/** What was unusual in a category while its incident lasted. */
function metricsWithin(points: readonly FlatPoint[], of: string): unknown[] {
  return points.filter(({ category, time }) =>
    category === of && String(time) >= TIMES.start && String(time) < TIMES.end
  )
    .map(({ metric }) => metric);
}
