/**
 * From the parts of all partitions to points.
 *
 * I1. Parts of the same window or pane are merged in the order of their partitions, whatever the order of arrival.
 * I2. A point is written when it is final, or when one of its parts has changed since the last flush, or when it was
 *     outside the last flush's range; not while its being final is held.
 * I3. Nothing is written that is not covered.
 */
import { OTHER } from "../domain/name_table.ts";
import type { Point } from "../domain/point.ts";
import type { CategoryParts, WindowPart } from "../window/category_window.ts";
import { mergeCustomers, NOBODY } from "../window/customers.ts";
import { mergeFrequent } from "../window/frequent.ts";
import { mergeMoments } from "../window/moments.ts";
import { QuantileSketch } from "../window/quantile_sketch.ts";
import { mergeTotals, noTotals, type RegionTotalsData, TOTALS } from "../window/region_totals.ts";
import type { WindowShape } from "../window/shape.ts";
import { type CustomerNaming, type KeyNames, NO_NAMES, rankingPoints } from "./rankings.ts";
import { panePoint, windowPoint } from "./window_points.ts";

/** One partition's parts. */
export interface PartitionParts {
  readonly partition: number;
  readonly categories: readonly (CategoryParts & { readonly category: string })[];
  /** Region names by id. */
  readonly regions: readonly string[];
  /** Names of those who may be ranked. @default none */
  readonly names?: KeyNames;
}

/** What decides which of the parts become points, and which of those are final. */
export interface MergeOptions {
  readonly shape: WindowShape;
  readonly frontierMs: number;
  /** What ends past the frontier and by then is left as it is in the store. @default the frontier */
  readonly heldMs?: number;
  /** Panes and windows that start before it are not covered. */
  readonly sinceMs: number;
  /** Up to where provisional points were written before; what ends later is new. */
  readonly writtenUpToMs: number;
  /** How a customer is shown. */
  readonly customerOf: CustomerNaming;
}

/** Points to write, and how many windows and panes were left out as uncovered. */
export interface Merged {
  readonly points: readonly Point[];
  readonly uncovered: number;
}

/** Merges parts and makes points of them, windows first. */
export function mergeParts(partitions: readonly PartitionParts[], options: MergeOptions): Merged {
  const inOrder = partitions.toSorted((a, b) => a.partition - b.partition);
  const windows = mergeWindows(inOrder);
  const panes = [...mergePanes(inOrder, options.shape.slideMs).values()];
  const due = (part: Due) => isDue(part, options);
  const covered = (startMs: number) => startMs >= options.sinceMs;
  const { shape, frontierMs, customerOf } = options;
  const dueWindows = windows.filter(due), duePanes = panes.filter(due);
  const coveredWindows = dueWindows.filter(({ endMs }) => covered(endMs - shape.windowMs));
  const points = [
    ...coveredWindows.map((window) => windowPoint(window, { shape, isFinal: window.endMs <= frontierMs })),
    ...coveredWindows.filter(({ endMs }) => endMs <= frontierMs)
      .flatMap((window) => rankingPoints(window, { names: inOrder.map(({ names = NO_NAMES }) => names), customerOf })),
    ...duePanes.filter(({ startMs }) => covered(startMs))
      .flatMap((pane) => panePoints(pane, pane.startMs + shape.slideMs <= frontierMs)),
  ];
  const uncovered = dueWindows.length - coveredWindows.length +
    duePanes.filter(({ startMs }) => !covered(startMs)).length;
  return { points, uncovered };
}

/** A window of a category with the parts of all partitions in it. */
export interface MergedWindow extends WindowPart {
  readonly category: string;
}

interface MergedPane extends Due {
  readonly category: string;
  readonly startMs: number;
  readonly regions: Map<string, Float64Array>;
}

interface Due {
  readonly endMs: number;
  isChanged: boolean;
}

function isDue({ endMs, isChanged }: Due, { frontierMs, heldMs = frontierMs, writtenUpToMs }: MergeOptions): boolean {
  return endMs <= frontierMs || (endMs > heldMs && (isChanged || endMs > writtenUpToMs));
}

function mergeWindows(partitions: readonly PartitionParts[]): readonly MergedWindow[] {
  const parts = partitions.flatMap(({ categories }) => categories)
    .flatMap(({ category, windows }) => windows.map((window) => ({ category, ...window })));
  return [...Map.groupBy(parts, ({ endMs, category }) => `${endMs} ${category}`).values()].map(mergeWindow);
}

function mergeWindow(parts: readonly MergedWindow[]): MergedWindow {
  const [first, ...others] = parts;
  if (first === undefined) throw new RangeError("Cannot merge a window: it has no parts");
  const { category, endMs } = first;
  const isChanged = parts.some((part) => part.isChanged);
  const moments = others.reduce((sum, part) => mergeMoments(sum, part.moments), first.moments);
  const counted = parts.filter((part) => part.moments.count > 0);
  const [only] = counted;
  if (only === undefined) return { category, endMs, isChanged, moments };
  if (counted.length === 1) return { ...only, isChanged };
  const amounts = new QuantileSketch();
  for (const part of counted) if (part.amounts !== undefined) amounts.merge(part.amounts);
  const customers = counted.map((part) => part.customers ?? NOBODY).reduce(mergeCustomers);
  const merged = { category, endMs, isChanged, moments, amounts: amounts.data(), customers };
  const merchants = counted.flatMap((part) => part.merchants ?? []);
  return merchants.length === 0 ? merged : { ...merged, merchants: merchants.reduce(mergeFrequent) };
}

function mergePanes(partitions: readonly PartitionParts[], slideMs: number): Map<string, MergedPane> {
  const merged = new Map<string, MergedPane>();
  for (const { categories, regions: names } of partitions) {
    for (const { category, panes } of categories) {
      for (const { startMs, isChanged, regions } of panes) {
        const key = `${startMs} ${category}`;
        const pane: MergedPane = merged.get(key) ??
          { category, startMs, endMs: startMs + slideMs, isChanged, regions: new Map() };
        merged.set(key, pane);
        pane.isChanged ||= isChanged;
        addRegions(pane.regions, regions, names);
      }
    }
  }
  return merged;
}

function addRegions(
  into: Map<string, Float64Array>,
  { ids, values }: RegionTotalsData,
  names: readonly string[],
): void {
  ids.forEach((id, index) => {
    const name = names[id] ?? OTHER;
    const totals = into.get(name) ?? noTotals();
    into.set(name, totals);
    mergeTotals(totals, values, index * TOTALS);
  });
}

function panePoints({ category, startMs, regions }: MergedPane, isFinal: boolean): readonly Point[] {
  return [...regions].map(([region, totals]) => panePoint({ category, region, startMs, totals }, isFinal));
}
