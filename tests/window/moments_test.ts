import assert from "node:assert/strict";
import { seeded } from "../../src/actor/mod.ts";
import { mergeMoments, NO_MOMENTS, PaneMoments, stddevOf } from "../../src/window/moments.ts";

function momentsOf(amounts: readonly number[]) {
  const moments = new PaneMoments();
  moments.add({ amounts: Float64Array.from(amounts), frauds: new Uint8Array(amounts.length) }, 0, amounts.length);
  return moments.data();
}

function exactStddev(amounts: readonly number[]): number {
  const mean = amounts.reduce((sum, amount) => sum + amount, 0) / amounts.length;
  return Math.sqrt(amounts.reduce((sum, amount) => sum + (amount - mean) ** 2, 0) / amounts.length);
}

Deno.test("PaneMoments and mergeMoments() give the population's standard deviation, also of large amounts close together", () => {
  const random = seeded(11);
  for (const base of [0, 100, 1e9]) {
    const panes = Array.from({ length: 12 }, () => Array.from({ length: 200 }, () => base + random()));
    const merged = panes.map(momentsOf).reduce(mergeMoments, NO_MOMENTS);
    const got = stddevOf(merged) ?? NaN, want = exactStddev(panes.flat());
    assert.ok(Math.abs(got - want) <= 1e-6 * want, `base ${base}: ${got} for ${want}`);
  }
});

Deno.test("stddevOf() is undefined for nothing and 0 for equal amounts", () => {
  assert.strictEqual(stddevOf(NO_MOMENTS), undefined);
  assert.strictEqual(stddevOf(momentsOf([0.1, 0.1, 0.1])), 0);
});

Deno.test("mergeMoments() of nothing changes nothing", () => {
  const some = momentsOf([3, -4, 5]);
  assert.deepStrictEqual([mergeMoments(some, NO_MOMENTS), mergeMoments(NO_MOMENTS, some)], [some, some]);
});
