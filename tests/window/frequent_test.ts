import assert from "node:assert/strict";
import { seeded } from "../../src/actor/mod.ts";
import { Frequent, type FrequentData, mergeFrequent, MOST_KEYS, NONE_FREQUENT } from "../../src/window/frequent.ts";
import { exactCounts, purchases } from "./purchases.ts";

function frequentOf(keys: readonly number[]): FrequentData {
  const frequent = new Frequent();
  frequent.addAll(Uint32Array.from(keys), 0, keys.length);
  return frequent.data();
}

/** Asserts I1 and I2 of `Frequent` against exact counts. */
function assertWithin(data: FrequentData, keys: readonly number[], message: string): void {
  const exact = exactCounts(keys), found = new Map([...data.keys].map((key, index) => [key, data.counts[index] ?? 0]));
  const wrong = [...exact].filter(([key, count]) => {
    const lowest = found.get(key) ?? 0;
    return lowest > count || lowest + data.error < count;
  });
  assert.deepStrictEqual(wrong, [], message);
  const total = [...exact.values()].reduce((sum, count) => sum + count, 0);
  assert.ok(data.error <= total / (MOST_KEYS / 2 + 1), `${message}: error ${data.error} of ${total}`);
  assert.ok(data.keys.length <= MOST_KEYS, `${message}: ${data.keys.length} keys`);
  assert.deepStrictEqual([...found.keys()].filter((key) => !exact.has(key)), [], message);
}

Deno.test("Frequent counts up to 512 keys exactly, and one more costs the rarest", () => {
  const keys = Array.from({ length: MOST_KEYS }, (_, index) => index + 1), twice = [...keys, ...keys];
  assert.deepStrictEqual(frequentOf(twice), {
    keys: Uint32Array.from(keys),
    counts: new Float64Array(MOST_KEYS).fill(2),
    error: 0,
  });
  assert.deepStrictEqual(frequentOf([...twice, 7, 7, MOST_KEYS + 1]), {
    keys: Uint32Array.of(7),
    counts: Float64Array.of(2),
    error: 2,
  });
});

Deno.test("Frequent leaves 0 out: it stands for no name", () => {
  assert.deepStrictEqual(frequentOf([0, 5, 0]), { keys: Uint32Array.of(5), counts: Float64Array.of(1), error: 0 });
});

Deno.test("Frequent never counts too high, nor too low by more than its error, which is at most 1 in 257 of all", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const keys = purchases(seed);
    assertWithin(frequentOf(keys), keys, `seed ${seed}, ${keys.length} purchases`);
  }
});

Deno.test("mergeFrequent() keeps the bounds in whatever order parts are merged, and does not mind which comes first", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = seeded(seed), keys = purchases(seed), parts: number[][] = Array.from({ length: 13 }, () => []);
    for (const key of keys) parts[Math.floor(random() * parts.length)]?.push(key);
    const datas = parts.map(frequentOf);
    const [first = NONE_FREQUENT, second = NONE_FREQUENT] = datas;
    assert.deepStrictEqual(mergeFrequent(first, second), mergeFrequent(second, first));
    const leftToRight = datas.reduce(mergeFrequent, NONE_FREQUENT);
    while (datas.length > 1) {
      const [one = NONE_FREQUENT] = datas.splice(Math.floor(random() * datas.length), 1);
      const at = Math.floor(random() * datas.length);
      datas[at] = mergeFrequent(datas[at] ?? NONE_FREQUENT, one);
    }
    assertWithin(leftToRight, keys, `seed ${seed}, in order`);
    assertWithin(datas[0] ?? NONE_FREQUENT, keys, `seed ${seed}, as chance would have it`);
    if (new Set(keys).size <= MOST_KEYS) assert.deepStrictEqual(datas[0], leftToRight, `seed ${seed}: exact`);
  }
});

Deno.test("Frequent finds whoever has more than 1 in 257 of all purchases", () => {
  const random = seeded(3);
  const keys = Array.from({ length: 100_000 }, () => random() < 0.01 ? 42 : 1_000 + Math.floor(random() * 1e9));
  const { keys: found, counts, error } = frequentOf(keys), at = found.indexOf(42);
  const exact = keys.filter((key) => key === 42).length;
  assert.ok(at >= 0 && (counts[at] ?? 0) + error >= exact, `${counts[at]} + ${error} of ${exact}`);
});
