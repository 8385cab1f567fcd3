import assert from "node:assert/strict";
import { seeded } from "../../src/actor/mod.ts";
import { Trust } from "../../src/window/trust.ts";

/** A record of `count` claims, each `factor` times what a fair one would be. */
function record(count: number, factor: number, seed: number): Trust {
  const random = seeded(seed), trust = new Trust();
  for (let claim = 0; claim < count; claim++) trust.learn(-Math.log10(1 - random()) * factor);
  return trust;
}

Deno.test("Trust.discounted() leaves fair claims nearly as they are (seeds 41 to 45)", () => {
  for (const seed of [41, 42, 43, 44, 45]) {
    const left = record(20_000, 1, seed).discounted(6);
    assert.ok(left > 5 && left <= 6, `seed ${seed}: ${left}`);
  }
});

Deno.test("Trust.discounted() takes claims that are twice too strong back to what they are worth (seeds 46 to 48)", () => {
  for (const seed of [46, 47, 48]) {
    const left = record(20_000, 2, seed).discounted(8);
    assert.ok(left > 3.3 && left < 4.5, `seed ${seed}: ${left}`);
  }
});

Deno.test("Trust.discounted() raises no claim, keeps their order, and leaves large probabilities alone", () => {
  for (const trust of [new Trust(), record(20_000, 0.2, 49), record(20_000, 5, 49)]) {
    const claims = [0, 0.5, 1, 1.5, 3, 10, 300], left = claims.map((claim) => trust.discounted(claim));
    left.forEach((one, index) => assert.ok(one <= (claims[index] ?? 0) + 1e-12 && one >= 0));
    assert.deepStrictEqual(left.slice(3), left.slice(3).sort((a, b) => a - b));
    assert.deepStrictEqual(left.slice(0, 3), [0, 0.5, 1]);
  }
});

Deno.test("Trust.learn() is not shaken by one true claim of any strength", () => {
  const trust = record(20_000, 1, 50), before = trust.discounted(6);
  trust.learn(300);
  assert.ok(before - trust.discounted(6) < 0.05);
});

Deno.test("Trust.data() goes on to the bit", () => {
  const trust = record(500, 1.5, 51), restored = new Trust(JSON.parse(JSON.stringify(trust.data())));
  for (const claim of [0.3, 2, 7]) {
    trust.learn(claim);
    restored.learn(claim);
  }
  assert.deepStrictEqual(restored.data(), trust.data());
});
