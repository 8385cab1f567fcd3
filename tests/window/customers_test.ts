import assert from "node:assert/strict";
import { seeded } from "../../src/actor/mod.ts";
import { buyingOf } from "../../src/window/buying.ts";
import { Customers, type CustomersData, mergeCustomers, NOBODY, uniqueOf } from "../../src/window/customers.ts";
import { MOST_KEYS } from "../../src/window/frequent.ts";
import { exactCounts, hashOf, purchases } from "./purchases.ts";

function customersOf(keys: readonly number[]): CustomersData {
  const customers = new Customers();
  customers.addAll(Uint32Array.from(keys), 0, keys.length);
  return customers.data();
}

const once = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => hashOf(from + index));

Deno.test("Customers are exact up to 512 of them, and estimated from the next one on", () => {
  const all = once(0, MOST_KEYS), again = all.slice(0, 100);
  const exact = customersOf([0, ...all, ...again]);
  assert.deepStrictEqual([uniqueOf(exact), exact.purchases, exact.rest], [512, 612, undefined]);
  assert.deepStrictEqual(buyingOf(exact).repeat, 100);
  const more = customersOf([...all, ...again, hashOf(MOST_KEYS)]);
  assert.ok(more.rest !== undefined && more.purchases === 613);
});

// 1.6 % is the standard error; the bound leaves room for the sampling error of this many runs.
Deno.test("uniqueOf() has a root mean square error near 1.6 % from 513 to 50,000 customers", () => {
  for (const count of [513, 1_000, 5_000, 12_000, 50_000]) {
    const runs = count > 2_000 ? 10 : 40;
    let squares = 0;
    for (let run = 0; run < runs; run++) {
      const estimate = uniqueOf(customersOf(once(run * 1_000_000, run * 1_000_000 + count)));
      squares += ((estimate - count) / count) ** 2;
    }
    const error = Math.sqrt(squares / runs);
    assert.ok(error <= 0.025, `${count}: ${error}`);
  }
});

Deno.test("Customers: the sample has exact counts of all customers with a low hash, whatever was merged in what order", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = seeded(seed), keys = purchases(seed), parts: number[][] = Array.from({ length: 13 }, () => []);
    for (const key of keys) parts[Math.floor(random() * parts.length)]?.push(key);
    const whole = customersOf(keys), datas = parts.map(customersOf);
    const inOrder = datas.reduce(mergeCustomers, NOBODY);
    while (datas.length > 1) {
      const [one = NOBODY] = datas.splice(Math.floor(random() * datas.length), 1);
      const at = Math.floor(random() * datas.length);
      datas[at] = mergeCustomers(one, datas[at] ?? NOBODY);
    }
    const [shuffled = NOBODY] = datas;
    assert.deepStrictEqual(
      [shuffled.rest, shuffled.purchases],
      [whole.rest, whole.purchases],
      `seed ${seed}: any order`,
    );
    assert.deepStrictEqual(inOrder.rest, whole.rest, `seed ${seed}: in order`);
    const exact = exactCounts(keys), { sample } = whole.rest ?? { sample: { ...whole.frequent, level: 0 } };
    const low = [...exact].filter(([key]) => key < 2 ** (32 - sample.level)).toSorted(([a], [b]) => a - b);
    assert.deepStrictEqual([...sample.keys], low.map(([key]) => key), `seed ${seed}: keys`);
    assert.deepStrictEqual([...sample.counts], low.map(([, count]) => count), `seed ${seed}: counts`);
    if (sample.level > 0) {
      const below = [...exact.keys()].filter((key) => key < 2 ** (33 - sample.level));
      assert.ok(sample.keys.length <= MOST_KEYS && below.length > MOST_KEYS, `seed ${seed}: level ${sample.level}`);
    }
  }
});

Deno.test("buyingOf() is exact while all customers are known, and within five standard errors beyond", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const keys = purchases(seed), counts = [...exactCounts(keys).values()].toSorted((a, b) => a - b);
    const data = customersOf(keys),
      buying = buyingOf(data),
      share = (from: number, to: number) =>
        counts.filter((count) => count >= from && count < to).length / counts.length;
    const exact = [share(1, 2), share(2, 3), share(3, 4), share(4, 5), share(5, 10), share(10, Infinity)];
    if (data.rest === undefined) {
      assert.deepStrictEqual(buying, {
        unique: counts.length,
        repeat: counts.filter((count) => count > 1).length,
        buckets: exact.map((part) => Math.round(part * counts.length)),
        median: counts[Math.ceil(0.5 * counts.length) - 1],
        p95: counts[Math.ceil(0.95 * counts.length) - 1],
      });
      continue;
    }
    const errorOf = (part: number) => 5 * Math.sqrt(part * (1 - part) / data.rest!.sample.keys.length) + 0.005;
    exact.forEach((part, index) => {
      const found = (buying.buckets[index] ?? 0) / buying.unique;
      assert.ok(Math.abs(found - part) <= errorOf(part), `seed ${seed}, bucket ${index}: ${found} for ${part}`);
    });
    const repeat = buying.repeat / buying.unique;
    assert.ok(Math.abs(repeat - 1 + share(1, 2)) <= errorOf(share(1, 2)), `seed ${seed}: ${repeat}`);
  }
});

Deno.test("buyingOf() of nobody is nobody, without a median", () => {
  assert.deepStrictEqual(buyingOf(NOBODY), {
    unique: 0,
    repeat: 0,
    buckets: [0, 0, 0, 0, 0, 0],
    median: undefined,
    p95: undefined,
  });
});
