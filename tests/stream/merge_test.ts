import assert from "node:assert/strict";
import { seeded, seedOfRun } from "./seeded.ts";
import { OTHER } from "../../src/domain/name_table.ts";
import type { Point } from "../../src/domain/point.ts";
import { customerPseudonyms } from "../../src/stream/customer_names.ts";
import { type MergeOptions, mergeParts, type PartitionParts } from "../../src/stream/merge.ts";
import { CategoryWindow } from "../../src/window/category_window.ts";
import { Columns } from "../../src/window/columns.ts";
import { windowShape } from "../../src/window/shape.ts";

const SHAPE = windowShape({ slideMs: 5, windowMs: 20, latenessMs: 0, zeroFillMs: 10 });
const REGIONS = ["CA", "NY"];
const NOTHING_WRITTEN: MergeOptions = {
  shape: SHAPE,
  frontierMs: -Infinity,
  sinceMs: -Infinity,
  writtenUpToMs: -Infinity,
  customerOf: customerPseudonyms("key"),
};

interface Sale {
  readonly atMs: number;
  readonly amount: number;
  readonly category?: string;
  readonly region?: number;
}

/** What a partition that counted these sales adds to a flush of everything. */
function partsOf(partition: number, sales: readonly Sale[], isChanged = true): PartitionParts {
  const byCategory = Map.groupBy(sales, ({ category = "a" }) => category);
  const categories = [...byCategory].map(([category, own]) => {
    const columns = new Columns(), window = new CategoryWindow(SHAPE);
    for (const { atMs, amount, region = 0 } of own) {
      columns.push(Math.floor(atMs / 5), {
        amount,
        isFraud: 0,
        regionId: region,
        customerHash: amount + 1,
        merchantHash: 0,
        lat: NaN,
        lon: NaN,
      });
    }
    window.tally(columns);
    const everything = { afterMs: -Infinity, upToMs: Infinity };
    if (!isChanged) window.take(everything);
    return { category, ...window.take(everything) };
  });
  return { partition, categories, regions: REGIONS };
}

const of = (points: readonly Point[], measurement: string) =>
  points.filter((point) => point.measurement === measurement);
const ends = (points: readonly Point[]) => of(points, "transactions_avg").map(({ timeMs }) => timeMs);
const starts = (points: readonly Point[]) => of(points, "transactions_total").map(({ timeMs }) => timeMs);

Deno.test("mergeParts() passes the windows and panes of one partition through unchanged", () => {
  const one = partsOf(0, [{ atMs: 100, amount: 0.1 }, { atMs: 103, amount: 0.2 }, {
    atMs: 101,
    amount: 0.3,
    region: 1,
  }]);
  const { points, uncovered } = mergeParts([one], NOTHING_WRITTEN);
  assert.strictEqual(uncovered, 0);
  // A window ends where a pane ends, from 105 to the last that reaches back, and as zeros for 10 more.
  assert.deepStrictEqual(ends(points), [105, 110, 115, 120, 125, 130]);
  assert.deepStrictEqual(of(points, "transactions_avg").map(({ fields }) => fields["transaction_count"]), [
    3,
    3,
    3,
    3,
    0,
    0,
  ]);
  assert.strictEqual(points[0]?.fields["amount_sum"], 0.1 + 0.2 + 0.3);
  assert.deepStrictEqual(
    of(points, "transactions_total").map((
      { tags, fields },
    ) => [tags["region"], fields["transaction_count"], fields["amount_sum"]]),
    [["CA", 2, 0.1 + 0.2], ["NY", 1, 0.3]],
  );
});

Deno.test("mergeParts() of an empty partition beside another changes nothing to the bit", () => {
  const one = partsOf(1, [{ atMs: 100, amount: 0.1 }, { atMs: 103, amount: 0.7 }]);
  const alone = mergeParts([one], NOTHING_WRITTEN);
  assert.deepStrictEqual(mergeParts([partsOf(0, []), one, partsOf(2, [])], NOTHING_WRITTEN), alone);
});

Deno.test("mergeParts() sums partitions in their order, whatever the order of arrival, to the bit", () => {
  const seed = seedOfRun();
  console.log("seed", seed);
  const random = seeded(seed);
  const byName = (points: readonly Point[]) =>
    points.toSorted((a, b) =>
      JSON.stringify([a.measurement, a.tags, a.timeMs]) < JSON.stringify([b.measurement, b.tags, b.timeMs]) ? -1 : 1
    );
  for (let round = 0; round < 50; round++) {
    const parts = [0, 1, 2, 3].map((partition) =>
      partsOf(
        partition,
        Array.from({ length: Math.floor(random() * 8) }, () => ({
          atMs: Math.floor(random() * 40),
          amount: (random() - 0.3) * 10 ** Math.floor(random() * 12),
          category: random() < 0.5 ? "a" : "b",
          region: random() < 0.5 ? 0 : 1,
        })),
      )
    );
    const shuffled = parts.toSorted(() => random() - 0.5);
    assert.deepStrictEqual(
      byName(mergeParts(shuffled, NOTHING_WRITTEN).points),
      byName(mergeParts(parts, NOTHING_WRITTEN).points),
      `seed ${seed}, round ${round}`,
    );
  }
});

Deno.test("mergeParts(): the order of the partitions decides the rounding", () => {
  const amounts = [1e16, 1, -1e16];
  const parts = amounts.map((amount, partition) => partsOf(partition, [{ atMs: 0, amount }]));
  const [point] = mergeParts(parts.toReversed(), NOTHING_WRITTEN).points;
  assert.strictEqual(point?.fields["amount_sum"], 1e16 + 1 - 1e16);
  assert.notStrictEqual(point?.fields["amount_sum"], 1);
});

Deno.test("mergeParts() merges one category's window over partitions: counts, extremes, quantiles and customers", () => {
  const left = partsOf(0, [1, 2, 3].map((amount) => ({ atMs: 0, amount })));
  const right = partsOf(1, [3, 100].map((amount) => ({ atMs: 4, amount })));
  const [point] = mergeParts([left, right], NOTHING_WRITTEN).points;
  const field = (key: string) => Number(point?.fields[key]);
  assert.deepStrictEqual(
    ["transaction_count", "amount_sum", "amount_min", "amount_max", "unique_customers"].map(field),
    [5, 109, 1, 100, 4],
  );
  assert.ok(Math.abs(field("amount_p50") - 3) <= 3 / 128);
});

Deno.test("mergeParts() writes what starts at `since` and counts what starts a millisecond before it", () => {
  const parts = [partsOf(0, [{ atMs: 100, amount: 1 }, { atMs: 120, amount: 1 }])];
  // Windows that end at 105 to 150 start at 85 to 130; panes start at 100 and 120.
  for (const [sinceMs, windows, panes] of [[100, 7, [100, 120]], [101, 6, [120]], [Infinity, 0, []]] as const) {
    const { points, uncovered } = mergeParts(parts, { ...NOTHING_WRITTEN, sinceMs });
    assert.deepStrictEqual([ends(points).length, starts(points), uncovered], [
      windows,
      panes,
      10 - windows + 2 - panes.length,
    ]);
  }
});

Deno.test("mergeParts(): a window or pane is final when the frontier has reached its end, provisional a millisecond before", () => {
  const parts = [partsOf(0, [{ atMs: 100, amount: 1 }])];
  for (
    const [frontierMs, finals, pane] of [[104, [], false], [105, [105], true], [109, [105], true], [
      110,
      [105, 110],
      true,
    ]] as const
  ) {
    const { points } = mergeParts(parts, { ...NOTHING_WRITTEN, frontierMs });
    assert.deepStrictEqual(ends(points.filter(({ fields }) => fields["final"] === true)), finals);
    assert.deepStrictEqual(of(points, "transactions_total").map(({ fields }) => fields["final"]), [pane]);
  }
});

Deno.test("mergeParts() writes what is final, changed, or new since the last flush, and nothing else", () => {
  const options = { ...NOTHING_WRITTEN, frontierMs: 110, writtenUpToMs: 120 };
  const sales = [{ atMs: 100, amount: 1 }];
  assert.deepStrictEqual(ends(mergeParts([partsOf(0, sales, false)], options).points), [105, 110, 125, 130]);
  assert.deepStrictEqual(ends(mergeParts([partsOf(0, sales, true)], options).points), [105, 110, 115, 120, 125, 130]);
  // One changed part is enough, wherever the window's other parts come from.
  const mixed = mergeParts([partsOf(0, sales, false), partsOf(1, [{ atMs: 100, amount: 5 }], true)], options);
  assert.deepStrictEqual(ends(mixed.points), [105, 110, 115, 120, 125, 130]);
  assert.deepStrictEqual(starts(mergeParts([partsOf(0, [{ atMs: 112, amount: 1 }], false)], options).points), []);
  assert.deepStrictEqual(starts(mergeParts([partsOf(0, [{ atMs: 112, amount: 1 }], true)], options).points), [110]);
});

Deno.test("mergeParts() counts as uncovered only what was due", () => {
  const parts = [partsOf(0, [{ atMs: 100, amount: 1 }], false)];
  const { points, uncovered } = mergeParts(parts, {
    ...NOTHING_WRITTEN,
    frontierMs: 105,
    sinceMs: Infinity,
    writtenUpToMs: 200,
  });
  assert.deepStrictEqual([points, uncovered], [[], 2]); // The window and the pane that end at 105.
});

Deno.test("mergeParts() goes by names, not by ids: partitions may number regions as they came", () => {
  const left = partsOf(0, [{ atMs: 0, amount: 1, region: 0 }, { atMs: 0, amount: 2, region: 1 }]);
  const right = {
    ...partsOf(1, [{ atMs: 0, amount: 10, region: 0 }, { atMs: 0, amount: 20, region: 1 }]),
    regions: ["NY", "CA"],
  };
  const totals = of(mergeParts([left, right], NOTHING_WRITTEN).points, "transactions_total");
  assert.deepStrictEqual(
    Object.fromEntries(totals.map(({ tags, fields }) => [tags["region"] ?? "", fields["amount_sum"]])),
    { CA: 21, NY: 12 },
  );
});

Deno.test("mergeParts() adds up what fell to __other__ in any partition", () => {
  const parts = [0, 1].map((partition) => ({
    ...partsOf(partition, [{ atMs: 0, amount: 1, category: OTHER, region: 0 }]),
    regions: [OTHER],
  }));
  const { points } = mergeParts(parts, NOTHING_WRITTEN);
  const [window] = of(points, "transactions_avg"), [pane] = of(points, "transactions_total");
  assert.deepStrictEqual([window?.tags["category"], window?.fields["transaction_count"]], [OTHER, 2]);
  assert.deepStrictEqual([pane?.tags, pane?.fields["transaction_count"]], [{ category: OTHER, region: OTHER }, 2]);
});

Deno.test("mergeParts() of nothing is nothing", () => {
  for (const parts of [[], [partsOf(0, [])]]) {
    assert.deepStrictEqual(mergeParts(parts, NOTHING_WRITTEN), { points: [], uncovered: 0 });
  }
});

Deno.test("mergeParts() leaves what is held as it is, and writes what is final and what is open", () => {
  const parts = [partsOf(0, [{ atMs: 1, amount: 1 }, { atMs: 6, amount: 1 }, { atMs: 11, amount: 1 }])];
  const { points } = mergeParts(parts, { ...NOTHING_WRITTEN, frontierMs: 5, heldMs: 10 });
  assert.deepStrictEqual(
    of(points, "transactions_total").map(({ timeMs, fields }) => [timeMs, fields["final"]]),
    [[0, true], [10, false]],
  );
});
