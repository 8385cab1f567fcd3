import assert from "node:assert/strict";
import { seeded } from "../../src/actor/mod.ts";
import type { Point } from "../../src/domain/point.ts";
import { customerIds, customerPseudonyms } from "../../src/stream/customer_names.ts";
import { type MergeOptions, mergeParts, type PartitionParts } from "../../src/stream/merge.ts";
import { type Namer, namesOf, RANKS } from "../../src/stream/rankings.ts";
import { CategoryWindow } from "../../src/window/category_window.ts";
import { Columns } from "../../src/window/columns.ts";
import { isRanked, paneIndexOf, windowShape } from "../../src/window/shape.ts";

const SHAPE = windowShape({ slideMs: 5_000, windowMs: 60_000, latenessMs: 30_000, zeroFillMs: 60_000 });
const ALL_FINAL: MergeOptions = {
  shape: SHAPE,
  frontierMs: 1e9,
  sinceMs: -Infinity,
  writtenUpToMs: -Infinity,
  customerOf: customerIds("key"),
};

interface Purchase {
  readonly atMs: number;
  /** 1 and up; 0: the event names none. */
  readonly merchant: number;
  readonly customer: number;
}

const NAMER: Namer = {
  merchants: { textOf: (hash) => hash === 13 ? undefined : `merchant ${hash}` },
  customers: { textOf: (hash) => `customer ${hash}` },
};

function partsOf(partition: number, purchases: readonly Purchase[], namer = NAMER): PartitionParts {
  const columns = new Columns(), window = new CategoryWindow(SHAPE);
  for (const { atMs, merchant, customer } of purchases.toSorted((a, b) => a.atMs - b.atMs)) {
    const row = { amount: 1, isFraud: 0, regionId: 0, lat: NaN, lon: NaN };
    columns.push(paneIndexOf(atMs, SHAPE.slideMs), { ...row, merchantHash: merchant, customerHash: customer });
  }
  window.tally(columns);
  const parts = window.take({ afterMs: -Infinity, upToMs: Infinity });
  return {
    partition,
    regions: ["x"],
    categories: [{ category: "travel", ...parts }],
    names: namesOf(parts.windows, namer),
  };
}

/** Purchases within two minutes, some merchants and customers busier than others. */
function randomPurchases(seed: number, merchants: number): readonly Purchase[] {
  const random = seeded(seed);
  return Array.from({ length: 900 }, () => ({
    atMs: Math.floor(random() * 120_000),
    merchant: Math.floor(random() ** 2 * merchants),
    customer: Math.floor(random() ** 2 * 400),
  }));
}

function topOf(points: readonly Point[], kind: string, timeMs: number) {
  return points.filter(({ measurement, tags, timeMs: at }) =>
    measurement === "transactions_top" && tags["kind"] === kind && at === timeMs
  ).map(({ tags, fields }) => [tags["rank"], fields["name"], fields["count"], fields["error"]]);
}

/** The ranking by exact counts: most first, of equals the one with the lower hash. */
function exactTop(keys: readonly number[], nameOf: (key: number) => string) {
  const counts = new Map<number, number>();
  for (const key of keys) if (key !== 0) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].toSorted(([a, one], [b, other]) => other - one || a - b).slice(0, RANKS)
    .map(([key, count], index) => [String(index + 1), nameOf(key), count, 0]);
}

Deno.test("mergeParts() ranks merchants and customers of final windows as exact counts do, over any number of partitions", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const purchases = randomPurchases(seed, 20), partitions = 1 + seed % 4;
    const parts = Array.from(
      { length: partitions },
      (_, partition) => partsOf(partition, purchases.filter((_, index) => index % partitions === partition)),
    );
    const { points } = mergeParts(parts, ALL_FINAL);
    for (const endMs of [60_000, 120_000, 180_000]) {
      const inside = purchases.filter(({ atMs }) => atMs >= endMs - 60_000 && atMs < endMs);
      const merchantOf = (key: number) => NAMER.merchants.textOf(key) ?? "#0000000d";
      assert.deepStrictEqual(
        topOf(points, "merchant", endMs),
        exactTop(inside.map(({ merchant }) => merchant), merchantOf),
        `seed ${seed}: merchants up to ${endMs}`,
      );
      assert.deepStrictEqual(
        topOf(points, "customer", endMs),
        exactTop(inside.map(({ customer }) => customer), (key) => `customer ${key}`),
        `seed ${seed}: customers up to ${endMs}`,
      );
    }
  }
});

Deno.test("mergeParts() tells how often customers of a final window bought, as exact counts do", () => {
  const bought = [1, 1, 1, 2, 2, 3, 4, 5, 9, 10, 40];
  const purchases = bought.flatMap((times, customer) =>
    Array.from({ length: times }, (_, index) => ({ atMs: index * 1_000, merchant: 1, customer: customer + 1 }))
  );
  const { points } = mergeParts([partsOf(0, purchases), partsOf(1, purchases.slice(0, 3))], ALL_FINAL);
  assert.deepStrictEqual(points.filter(({ measurement }) => measurement === "transactions_customers"), [{
    measurement: "transactions_customers",
    tags: { category: "travel" },
    timeMs: 60_000,
    fields: {
      unique_customers: 11,
      repeat_customers: 11,
      purchases: 81,
      purchases_p50: 3,
      purchases_p95: 40,
      bought_1: 0,
      bought_2: 5,
      bought_3: 1,
      bought_4: 1,
      bought_5_to_9: 2,
      bought_10_or_more: 2,
      final: true,
    },
  }]);
});

Deno.test("mergeParts() writes rankings of windows that end with a minute and are final, and of no others", () => {
  const purchases = [{ atMs: 61_000, merchant: 1, customer: 1 }];
  const at = (frontierMs: number) => [
    ...new Set(
      mergeParts([partsOf(0, purchases)], { ...ALL_FINAL, frontierMs }).points
        .filter(({ measurement }) => measurement === "transactions_top").map(({ timeMs }) => timeMs),
    ),
  ];
  assert.deepStrictEqual([at(119_999), at(120_000), at(1e9)], [[], [120_000], [120_000]]);
});

Deno.test("isRanked() is one window a minute, or every one whose slide is longer", () => {
  const ranked = (slideMs: number, ends: number) =>
    Array.from({ length: ends }, (_, index) => (index + 1) * slideMs).filter((endMs) => isRanked(endMs, { slideMs }));
  assert.deepStrictEqual(ranked(5_000, 24), [60_000, 120_000]);
  assert.deepStrictEqual(ranked(7_000, 18), [63_000, 126_000]);
  assert.deepStrictEqual(ranked(90_000, 2), [90_000, 180_000]);
});

Deno.test("customerPseudonyms() say nothing without the key, and the same with it", () => {
  const one = customerPseudonyms("key"), same = customerPseudonyms("key"), other = customerPseudonyms("another");
  assert.match(one(1, "4111"), /^[0-9a-f]{16}$/);
  assert.deepStrictEqual([one(1, "4111"), one(1, undefined)], [same(1, undefined), same(1, "4111")]);
  assert.notStrictEqual(one(1, undefined), other(1, undefined));
  assert.notStrictEqual(one(1, undefined), one(2, undefined));
});

Deno.test("customerIds() shows an id that is known, else the pseudonym", () => {
  assert.strictEqual(customerIds("key")(7, "4111"), "4111");
  assert.strictEqual(customerIds("key")(7, undefined), customerPseudonyms("key")(7, undefined));
});
