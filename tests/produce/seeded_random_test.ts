import assert from "node:assert/strict";
import { SeededRandom } from "../../src/produce/seeded_random.ts";
import { weightedTable } from "../../src/produce/weighted.ts";

Deno.test("SeededRandom gives the same numbers for the same seed and stream, others for another of either", () => {
  const first = (seed: number, stream: number) => {
    const random = new SeededRandom(seed, stream);
    return [random.uint32(), random.uint32(), random.uint32()].join();
  };
  assert.strictEqual(first(7, 1), first(7, 1));
  assert.strictEqual(new Set([first(7, 1), first(7, 2), first(8, 1), first(7 + 2 ** 32, 1), first(0, 0)]).size, 5);
});

Deno.test("SeededRandom distributions have the mean and the deviation that their names promise", () => {
  const random = new SeededRandom(11, 0);
  const moments = (draw: () => number): [number, number] => {
    const all = Array.from({ length: 200_000 }, draw);
    const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
    return [mean, Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length)];
  };
  const near = (got: readonly number[], want: readonly number[]) =>
    assert.ok(got.every((value, index) => Math.abs(value - (want[index] ?? NaN)) < 0.01), `${got}, not ${want}`);
  near(moments(() => random.unit()), [0.5, Math.sqrt(1 / 12)]);
  near(moments(() => random.exponential()), [1, 1]);
  near(moments(() => random.normal()), [0, 1]);
  near(moments(() => random.below(2)), [0.5, 0.5]);
});

Deno.test("SeededRandom refuses seeds that are not whole numbers from 0 to 2^53 - 1", () => {
  for (const bad of [-1, 0.5, 2 ** 53, NaN, Infinity]) assert.throws(() => new SeededRandom(bad, 0), RangeError);
});

Deno.test("weightedTable() holds each index as often as its weight asks, to within one entry, none of weight 0", () => {
  const weights = [0, 3, 0, 1, 4, 0];
  const table = weightedTable(weights, 81);
  const counts = weights.map((_, index) => table.filter((entry) => entry === index).length);
  assert.ok(counts.every((count, index) => Math.abs(count - 81 * (weights[index] ?? 0) / 8) <= 1), `${counts}`);
  assert.deepStrictEqual([counts[0], counts[2], counts[5]], [0, 0, 0]);
});
