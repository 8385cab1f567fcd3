import assert from "node:assert/strict";
import { seeded } from "../../src/actor/mod.ts";
import { murmur3Text } from "../../src/domain/hash.ts";
import { CategoryWindow, type WindowPart } from "../../src/window/category_window.ts";
import { Columns } from "../../src/window/columns.ts";
import { paneIndexOf, windowShape } from "../../src/window/shape.ts";
import { TOTALS } from "../../src/window/region_totals.ts";
import { naivePanes, naiveWindows, type OracleEvent } from "../fakes/naive_oracle.ts";

const REGIONS = ["CA", "NY", "TX"];
const SHAPE = windowShape({ slideMs: 5_000, windowMs: 60_000, latenessMs: 30_000, zeroFillMs: 60_000 });

/** A stream out of order, with bursts, silences and jumps of years both ways. */
function streamOf(seed: number): readonly OracleEvent[] {
  const random = seeded(seed);
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)];
  let nowMs = 1_700_000_000_000;
  return Array.from({ length: 300 }, () => {
    const jump = random();
    if (jump < 0.01) nowMs += (random() - 0.5) * 5 * 365 * 86_400_000;
    else if (jump < 0.05) nowMs += random() * 300_000;
    else nowMs += random() * 4_000;
    return {
      category: "a",
      region: pick(REGIONS) ?? "CA",
      occurredAtMs: Math.floor(nowMs - random() * 30_000),
      amount: Math.round((random() ** 3 * 1_000 - 20) * 100) / 100,
      isFraud: random() < 0.1,
      customer: random() < 0.9 ? `c${Math.floor(random() * 50)}` : undefined,
    };
  });
}

function fill(window: CategoryWindow, events: readonly OracleEvent[]): void {
  const columns = new Columns();
  for (const event of events) {
    columns.push(paneIndexOf(event.occurredAtMs, SHAPE.slideMs), {
      amount: event.amount,
      isFraud: event.isFraud ? 1 : 0,
      regionId: REGIONS.indexOf(event.region) + 5,
      customerHash: event.customer === undefined ? 0 : murmur3Text(event.customer),
      merchantHash: 0,
      lat: NaN,
      lon: NaN,
    });
  }
  window.tally(columns);
}

const EVERYTHING = { afterMs: -Infinity, upToMs: Infinity };
const near = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));

function sameAsCell(
  part: WindowPart,
  cell: ReturnType<typeof naiveWindows> extends ReadonlyMap<string, infer C> ? C : never,
) {
  const { count, sum, min, max, fraudCount, fraudSum } = part.moments;
  assert.deepStrictEqual([count, min, max, fraudCount], [cell.count, cell.min, cell.max, cell.fraudCount]);
  assert.ok(near(sum, cell.sum) && near(fraudSum, cell.fraudSum), `${sum} ${cell.sum}`);
}

Deno.test("CategoryWindow.take() gives the windows and panes that the definition gives, over random streams", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const events = streamOf(seed);
    const window = new CategoryWindow(SHAPE);
    fill(window, events);
    const { windows, panes } = window.take(EVERYTHING);
    const expected = naiveWindows(events, SHAPE, Infinity);
    assert.deepStrictEqual(
      windows.map(({ endMs }) => `a ${endMs}`).toSorted(),
      [...expected.keys()].toSorted(),
      `seed ${seed}`,
    );
    for (const part of windows) sameAsCell(part, expected.get(`a ${part.endMs}`) ?? assert.fail());
    const expectedPanes = naivePanes(events, SHAPE, Infinity);
    const counts = panes.flatMap(({ startMs, regions: { ids, values } }) =>
      [...ids].map((id, index) => [`a ${REGIONS[id - 5]} ${startMs}`, values[index * TOTALS]])
    );
    assert.deepStrictEqual(
      new Map(counts.toSorted().map(([key, count]) => [key, count])),
      new Map(
        [...expectedPanes].map(([key, { count }]) => [key, count] as const).toSorted(),
      ),
    );
  }
});

Deno.test("CategoryWindow.take() gives exactly the windows whose end is in (afterMs, upToMs]", () => {
  const window = new CategoryWindow(SHAPE);
  fill(window, streamOf(3).slice(0, 1).map((event) => ({ ...event, occurredAtMs: 1_000_000 })));
  const ends = (afterMs: number, upToMs: number) => window.take({ afterMs, upToMs }).windows.map(({ endMs }) => endMs);
  assert.deepStrictEqual(ends(1_005_000, 1_015_000), [1_010_000, 1_015_000]);
  assert.deepStrictEqual(ends(1_004_999, 1_004_999), []);
  assert.deepStrictEqual(ends(-Infinity, 1_005_000), [1_005_000]);
  assert.strictEqual(ends(-Infinity, Infinity).at(-1), 1_000_000 + 120_000);
});

Deno.test("CategoryWindow.take() says which windows hold new events, once", () => {
  const window = new CategoryWindow(SHAPE);
  const event = { category: "a", region: "CA", amount: 1, isFraud: false, customer: undefined };
  fill(window, [{ ...event, occurredAtMs: 1_000_000 }]);
  const range = { afterMs: -Infinity, upToMs: 1_010_000 };
  const changed = () => window.take(range).windows.map(({ isChanged }) => isChanged);
  assert.deepStrictEqual([changed(), changed()], [[true, true], [false, false]]);
  fill(window, [{ ...event, occurredAtMs: 1_005_000 }]);
  assert.deepStrictEqual([changed(), changed()], [[false, true], [false, false]]);
});

Deno.test("CategoryWindow.take() leaves the change flag of a pane past the range for the next time", () => {
  const window = new CategoryWindow(SHAPE);
  const event = { category: "a", region: "CA", amount: 1, isFraud: false, customer: undefined };
  fill(window, [{ ...event, occurredAtMs: 1_000_000 }]);
  assert.deepStrictEqual(window.take({ afterMs: -Infinity, upToMs: 1_000_000 }).windows, []);
  const [first] = window.take({ afterMs: -Infinity, upToMs: 1_005_000 }).windows;
  assert.strictEqual(first?.isChanged, true);
});

Deno.test("CategoryWindow.prune() forgets panes before the horizon and keeps the one that starts there", () => {
  const window = new CategoryWindow(SHAPE);
  const event = { category: "a", region: "CA", amount: 1, isFraud: false, customer: undefined };
  fill(window, [995_000, 999_999, 1_000_000].map((occurredAtMs) => ({ ...event, occurredAtMs })));
  assert.strictEqual(window.paneCount, 2);
  window.prune(1_000_000);
  assert.deepStrictEqual(window.take(EVERYTHING).panes.map(({ startMs }) => startMs), [1_000_000]);
});

Deno.test("CategoryWindow.take() does not walk the time between events: 200 years apart costs two panes", () => {
  const window = new CategoryWindow(SHAPE);
  const event = { category: "a", region: "CA", amount: 1, isFraud: false, customer: undefined };
  fill(window, [{ ...event, occurredAtMs: 0 }, { ...event, occurredAtMs: 200 * 365 * 86_400_000 }]);
  const perEvent = (SHAPE.windowMs + SHAPE.zeroFillMs) / SHAPE.slideMs;
  assert.deepStrictEqual([window.paneCount, window.take(EVERYTHING).windows.length], [2, 2 * perEvent]);
});
