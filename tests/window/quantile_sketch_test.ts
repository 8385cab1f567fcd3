import assert from "node:assert/strict";
import { seeded } from "../../src/actor/mod.ts";
import { mergeQuantiles, NO_AMOUNTS, QuantileSketch } from "../../src/window/quantile_sketch.ts";

const RELATIVE_ERROR = 1 / 128;
const QUANTILES = [0.01, 0.25, 0.5, 0.75, 0.95, 0.99, 1];

function exact(amounts: readonly number[], q: number): number {
  const sorted = amounts.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? NaN;
}

function sketchOf(amounts: readonly number[]): QuantileSketch {
  const sketch = new QuantileSketch();
  for (const amount of amounts) sketch.add(amount);
  return sketch;
}

const random = seeded(20_261_122);
const SETS: Readonly<Record<string, readonly number[]>> = {
  "log-normal": Array.from({ length: 5_000 }, () => Math.exp(3 + 2 * (random() + random() + random() - 1.5))),
  "both signs": Array.from({ length: 5_000 }, () => (random() - 0.5) * 10 ** (8 * random() - 3)),
  "extremes": [1e-300, 5e-324, -1e308, 1e308, 0, -0, 1, -1, Number.MAX_VALUE, 2 ** -1022],
  "equal": new Array<number>(1_000).fill(9.99),
  "single": [42],
};

for (const [name, amounts] of Object.entries(SETS)) {
  Deno.test(`QuantileSketch.quantiles() is within 1/128 of the exact quantile: ${name}`, () => {
    const found = sketchOf(amounts).quantiles(QUANTILES);
    QUANTILES.forEach((q, index) => {
      const want = exact(amounts, q), got = found[index] ?? NaN;
      const tolerance = Math.abs(want) < 2 ** -1022 ? 0 : Math.abs(want) * RELATIVE_ERROR;
      assert.ok(Math.abs(got - want) <= tolerance || (tolerance === 0 && got === 0), `q ${q}: ${got} for ${want}`);
    });
  });
}

Deno.test("QuantileSketch.quantiles() of nothing is empty", () => {
  assert.deepStrictEqual(new QuantileSketch().quantiles(QUANTILES), []);
});

Deno.test("QuantileSketch.merge() gives to the bit what adding everything to one sketch gives, in any order", () => {
  const parts = [SETS["log-normal"], SETS["both signs"], SETS["extremes"]].map((amounts) =>
    sketchOf(amounts ?? []).data()
  );
  const whole = sketchOf(Object.values(SETS).slice(0, 3).flat()).data();
  for (const order of [[0, 1, 2], [2, 1, 0], [1, 2, 0]]) {
    const merged = new QuantileSketch();
    for (const index of order) merged.merge(parts[index] ?? new QuantileSketch().data());
    assert.deepStrictEqual(merged.data(), whole);
  }
});

Deno.test("mergeQuantiles() gives to the bit what QuantileSketch.merge() gives, either way round", () => {
  const parts = Object.values(SETS).map((amounts) => sketchOf(amounts).data());
  for (const a of parts) {
    for (const b of [...parts, NO_AMOUNTS]) {
      const merged = new QuantileSketch();
      merged.merge(a);
      merged.merge(b);
      assert.deepStrictEqual(mergeQuantiles(a, b), merged.data());
      assert.deepStrictEqual(mergeQuantiles(b, a), merged.data());
    }
  }
});
