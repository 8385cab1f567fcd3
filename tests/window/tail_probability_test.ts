import assert from "node:assert/strict";
import { seeded } from "../../src/actor/mod.ts";
import { countTails, normalTails, sumTails } from "../../src/window/tail_probability.ts";

/** P(X ≥ count) by summing the distribution's terms. */
function exactUpper(count: number, mean: number, dispersion: number): number {
  const size = mean / (dispersion - 1), fail = 1 - 1 / dispersion;
  let term = dispersion === 1 ? Math.exp(-mean) : dispersion ** -size, below = 0;
  for (let k = 0; k < count; k++) {
    below += term;
    term *= dispersion === 1 ? mean / (k + 1) : (k + size) / (k + 1) * fail;
  }
  return 1 - below;
}

Deno.test("countTails() are the sums of the Poisson and gamma-Poisson distributions", () => {
  for (const mean of [0.01, 0.5, 3, 40]) {
    for (const dispersion of [1, 1.3, 4]) {
      for (const count of [0, 1, 2, 5, 38, 60]) {
        const { lnUpper, lnLower } = countTails(count, mean, dispersion), about = `${count} ${mean} ${dispersion}`;
        const upper = exactUpper(count, mean, dispersion), lower = 1 - exactUpper(count + 1, mean, dispersion);
        assert.ok(Math.abs(Math.exp(lnUpper) - upper) < 1e-9, `upper of ${about}: ${Math.exp(lnUpper)} for ${upper}`);
        assert.ok(Math.abs(Math.exp(lnLower) - lower) < 1e-9, `lower of ${about}: ${Math.exp(lnLower)} for ${lower}`);
      }
    }
  }
});

Deno.test("countTails() take less spread than Poisson for Poisson, and no mean for nothing expected", () => {
  assert.deepStrictEqual(countTails(7, 3, 0.2), countTails(7, 3, 1));
  assert.strictEqual(countTails(0, 0, 1).lnUpper, 0);
  assert.ok(countTails(1, 0, 1).lnUpper < -600);
});

Deno.test("countTails() stay together where the normal distribution takes over", () => {
  for (const dispersion of [1, 3]) {
    for (const deviations of [-4, -1, 1, 4]) {
      const [below, above] = [1_999.999, 2_000].map((mean) => {
        const { lnUpper, lnLower } = countTails(
          Math.round(mean + deviations * Math.sqrt(mean * dispersion)),
          mean,
          dispersion,
        );
        return deviations > 0 ? lnUpper : lnLower;
      });
      assert.ok(Math.abs((below ?? 0) / (above ?? 0) - 1) < 0.1, `${deviations} of ${dispersion}: ${below} ${above}`);
    }
  }
});

Deno.test("normalTails() are those of the tables", () => {
  for (const [z, upper] of [[0, 0.5], [1, 0.158655254], [1.959963985, 0.025], [-3, 0.998650102]] as const) {
    assert.ok(Math.abs(Math.exp(normalTails(z).lnUpper) - upper) < 1e-9, `${z}`);
    assert.strictEqual(normalTails(z).lnUpper, normalTails(-z).lnLower);
  }
});

Deno.test("sumTails() allow a few amounts above 0 a longer upper tail than the normal one, and agree with it for many", () => {
  const few = sumTails(400, 100, 10_000), many = sumTails(100_600, 100_000, 40_000);
  // With as much deviation as mean, a gamma distribution is the exponential one.
  assert.ok(Math.abs(few.lnUpper + 4) < 1e-9, `${few.lnUpper}`);
  assert.ok(Math.abs(many.lnUpper / normalTails(3).lnUpper - 1) < 0.01, `${many.lnUpper}`);
  assert.strictEqual(sumTails(-5, -2, 4).lnLower, normalTails(-1.5).lnLower);
});

Deno.test("tails are numbers up to 0 that fall as the departure grows, whatever is asked (seed 5)", () => {
  const random = seeded(5);
  for (let round = 0; round < 2_000; round++) {
    const mean = 10 ** (random() * 7 - 3),
      dispersion = 1 + 10 ** (random() * 5 - 4),
      count = Math.floor(mean * random() * 4);
    const one = countTails(count, mean, dispersion), more = countTails(count + 1, mean, dispersion);
    const about = `${count} of ${mean} by ${dispersion}`;
    for (const ln of [one.lnUpper, one.lnLower]) assert.ok(ln <= 1e-9 && ln > -1e9, `${ln} for ${about}`);
    assert.ok(more.lnUpper <= one.lnUpper + 1e-6 && more.lnLower >= one.lnLower - 1e-6, about);
  }
});
