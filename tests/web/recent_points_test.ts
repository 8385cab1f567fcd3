import assert from "node:assert/strict";
import { RecentPoints } from "../../src/web/recent_points.ts";
import { averagePoint } from "../fakes/fake_views.ts";

const names = (recent: RecentPoints) => recent.all().map(({ tags, timeMs }) => `${tags.category}@${timeMs}`);

Deno.test("RecentPoints.put() replaces the point of the same name", () => {
  const recent = new RecentPoints({ keepMs: 10, capacity: 5 });
  recent.put([averagePoint("a", 1, { final: false }), averagePoint("b", 1), averagePoint("a", 1)]);
  assert.deepEqual([recent.count, recent.all().map((point) => point.fields.final)], [2, [true, true]]);
});

Deno.test("RecentPoints.put() keeps keepMs of event time, its edge included", () => {
  const recent = new RecentPoints({ keepMs: 10, capacity: 5 });
  recent.put([averagePoint("a", 9), averagePoint("a", 20), averagePoint("a", 10)]);
  assert.deepEqual([recent.count, names(recent)], [2, ["a@10", "a@20"]]);
});

Deno.test("RecentPoints.put() keeps capacity points; one more drops the oldest window whole", () => {
  const recent = new RecentPoints({ keepMs: 100, capacity: 3 });
  recent.put([averagePoint("a", 1), averagePoint("b", 1), averagePoint("a", 2)]);
  assert.deepEqual(names(recent), ["a@1", "b@1", "a@2"]);
  recent.put([averagePoint("b", 2)]);
  assert.deepEqual([recent.count, names(recent)], [2, ["a@2", "b@2"]]);
});

Deno.test("RecentPoints.dropAfter() drops later windows, and older ones are kept again", () => {
  const recent = new RecentPoints({ keepMs: 10, capacity: 5 });
  recent.put([averagePoint("a", 1_000), averagePoint("b", 1_001)]);
  recent.dropAfter(1_000);
  recent.dropAfter(999);
  recent.put([averagePoint("a", 5)]);
  assert.deepEqual([recent.count, names(recent)], [1, ["a@5"]]);
});

Deno.test("RecentPoints() refuses to keep nothing", () => {
  for (const bad of [{ keepMs: 0, capacity: 1 }, { keepMs: 1, capacity: 0 }, { keepMs: NaN, capacity: 1 }]) {
    assert.throws(() => new RecentPoints(bad), RangeError);
  }
});
