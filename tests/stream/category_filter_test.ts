import assert from "node:assert/strict";
import { CategoryFilter, encodeFilter, hashedName } from "../../src/stream/category_filter.ts";

const namesOf = (count: number, prefix = "category") =>
  Array.from({ length: count }, (_, index) => hashedName(`${prefix} ${index}`));

Deno.test("CategoryFilter.has() finds every name that was put in, however many", () => {
  for (const count of [0, 1, 2, 14, 85, 86, 1_000]) {
    for (const salt of [0, 7, 0xffff_ffff]) {
      const names = namesOf(count), filter = new CategoryFilter(encodeFilter(names, salt));
      assert.deepStrictEqual(names.filter((name) => !filter.has(name)), []);
    }
  }
});

Deno.test("encodeFilter() of no names is empty, of 1,000 names at most 354 characters", () => {
  assert.strictEqual(encodeFilter([], 5), "");
  assert.ok(encodeFilter(namesOf(14), 0xffff_ffff).length <= 70);
  assert.ok(encodeFilter(namesOf(1_000), 0xffff_ffff).length <= 354);
});

Deno.test("CategoryFilter.has() finds names that were not put in about as often as falseRate says", () => {
  const others = namesOf(20_000, "another");
  for (const count of [150, 300, 600]) {
    const filter = new CategoryFilter(encodeFilter(namesOf(count), 3));
    const found = others.filter((name) => filter.has(name)).length / others.length;
    assert.ok(found < 1.4 * filter.falseRate + 0.001 && found > 0.6 * filter.falseRate - 0.001, `${count}: ${found}`);
  }
});

Deno.test("CategoryFilter.falseRate is at most 1 in 1,000 for up to 85 names", () => {
  for (const count of [1, 14, 85]) {
    assert.ok(new CategoryFilter(encodeFilter(namesOf(count), 9)).falseRate < 1e-3);
  }
});

Deno.test("CategoryFilter.has() errs independently under another salt", () => {
  const names = namesOf(400), others = namesOf(20_000, "another");
  const [first, second] = [1, 2].map((salt) => new CategoryFilter(encodeFilter(names, salt)));
  assert.ok(first !== undefined && second !== undefined);
  const both = others.filter((name) => first.has(name) && second.has(name)).length / others.length;
  assert.ok(both < 1.5 * first.falseRate * second.falseRate + 0.001, `${both} of ${first.falseRate}`);
});

Deno.test("CategoryFilter refuses what is no filter", () => {
  for (const text of ["x", "1.0.", "-1.1.AAAA", "1.1.??", "."]) {
    assert.throws(() => new CategoryFilter(text), SyntaxError);
  }
});
