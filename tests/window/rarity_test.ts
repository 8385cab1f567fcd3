import assert from "node:assert/strict";
import { seeded } from "../../src/actor/mod.ts";
import { Rarity } from "../../src/window/rarity.ts";

Deno.test("Rarity.probability() is the share of magnitudes as large, to an eighth of a power of two (seed 3)", () => {
  const random = seeded(3), rarity = new Rarity(1e9);
  const magnitudes = Array.from({ length: 5_000 }, () => 10 ** (random() * 6 - 3));
  for (const magnitude of magnitudes) rarity.add(magnitude);
  const shareFrom = (least: number) => magnitudes.filter((one) => one >= least).length / magnitudes.length;
  for (const asked of [0.002, 0.1, 1, 30, 900]) {
    const got = rarity.probability(asked);
    assert.ok(got >= shareFrom(asked * 1.1) - 1e-3 && got <= shareFrom(asked / 1.1) + 1e-3, `${asked}: ${got}`);
  }
});

Deno.test("Rarity.probability() never rises with the magnitude, is never 0, and halves twice as it doubles beyond all seen", () => {
  const rarity = new Rarity(100);
  for (let step = 0; step < 1_000; step++) rarity.add(1 + step % 7);
  const asked = Array.from({ length: 200 }, (_, index) => 2 ** (index / 4 - 20));
  const got = asked.map((one) => rarity.probability(one));
  got.forEach((one, index) => assert.ok(one > 0 && one <= (got[index - 1] ?? 1), `${asked[index]}: ${one}`));
  assert.ok(Math.abs(rarity.probability(64) / rarity.probability(128) - 4) < 1e-9);
});

Deno.test("Rarity.add() lets the old fade: after ten half-lives what was is a thousandth", () => {
  const rarity = new Rarity(50);
  for (let step = 0; step < 500; step++) rarity.add(100);
  for (let step = 0; step < 500; step++) rarity.add(1);
  assert.ok(rarity.probability(100) < 0.02);
  assert.ok(rarity.probability(1) > 0.98);
});

Deno.test("Rarity.quantile() is the magnitude that so many stay below", () => {
  const rarity = new Rarity(1e9);
  assert.strictEqual(rarity.quantile(0.5), undefined);
  for (let step = 1; step <= 1_000; step++) rarity.add(step);
  assert.ok(Math.abs(Math.log2((rarity.quantile(0.5) ?? 0) / 500)) <= 1 / 8);
  assert.ok(Math.abs(Math.log2((rarity.quantile(0.99) ?? 0) / 990)) <= 1 / 8);
});

Deno.test("Rarity takes any magnitude: 0, the least, the largest", () => {
  const rarity = new Rarity(10);
  for (const magnitude of [0, Number.MIN_VALUE, Number.MAX_VALUE]) {
    rarity.add(magnitude);
    assert.ok(rarity.probability(magnitude) > 0);
  }
});

Deno.test("Rarity.data() through JSON goes on to the bit, also across a scaling back (seed 4)", () => {
  const random = seeded(4), rarity = new Rarity(2);
  let restored = new Rarity(2);
  for (let step = 0; step < 300; step++) {
    const magnitude = random() * 10;
    assert.strictEqual(restored.probability(magnitude), rarity.probability(magnitude));
    rarity.add(magnitude);
    restored = new Rarity(2, JSON.parse(JSON.stringify(rarity.data())));
    assert.deepStrictEqual(restored.data(), rarity.data());
  }
});

Deno.test("new Rarity() refuses a half-life that is not above 0", () => {
  for (const bad of [0, -1, NaN]) assert.throws(() => new Rarity(bad), RangeError);
});
