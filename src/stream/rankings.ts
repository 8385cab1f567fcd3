/**
 * Who buys and who sells: what is written of the windows that end once a minute, when they are final.
 *
 * I1. A window's points depend on what was counted in it alone; only the name of somebody who has not been met for long
 *     may be missing, and a hash stands in its place.
 * I2. At most `RANKS` merchants and as many customers a category: a rank is a tag, a name never is.
 */
import type { FieldValue, Point } from "../domain/point.ts";
import { BUCKETS, buyingOf } from "../window/buying.ts";
import type { WindowPart } from "../window/category_window.ts";
import type { FrequentData } from "../window/frequent.ts";
import type { KeyCounts } from "../window/key_counts.ts";
import type { MergedWindow } from "./merge.ts";

/** Names by hash. */
export interface KeyNames {
  readonly merchants: ReadonlyMap<number, string>;
  /** Empty unless customers are shown by their ids. */
  readonly customers: ReadonlyMap<number, string>;
}

/** Nobody has a name. */
export const NO_NAMES: KeyNames = Object.freeze({ merchants: new Map(), customers: new Map() });

/** Says how a customer is shown; `id` is what the events called them, where that is known. */
export type CustomerNaming = (hash: number, id: string | undefined) => string;

/** Who knows texts by their hash. */
export interface Namer {
  readonly merchants: { textOf(hash: number): string | undefined };
  readonly customers: { textOf(hash: number): string | undefined };
}

/** Merchants, and customers, that are ranked. */
export const RANKS = 10;
/** So many of each partition's are named: several partitions may have the same ones in another order. */
const NAMED = 2 * RANKS;

/** Names of those who may be ranked in windows. */
export function namesOf(windows: readonly WindowPart[], { merchants, customers }: Namer): KeyNames {
  const ranked = windows.filter((window) => window.merchants !== undefined);
  return {
    merchants: textsOf(ranked.flatMap((window) => window.merchants ?? []), merchants),
    customers: textsOf(ranked.flatMap((window) => window.customers?.frequent ?? []), customers),
  };
}

function textsOf(counted: readonly KeyCounts[], known: Namer["merchants"]): ReadonlyMap<number, string> {
  const texts = new Map<number, string>();
  for (const { key } of counted.flatMap((counts) => firstOf(counts, NAMED))) {
    const text = texts.has(key) ? undefined : known.textOf(key);
    if (text !== undefined) texts.set(key, text);
  }
  return texts;
}

/** How rankings are written. */
export interface RankingOptions {
  /** Of all partitions. */
  readonly names: readonly KeyNames[];
  readonly customerOf: CustomerNaming;
}

/** The points of a final window's customers and rankings; none when it is a zero, or none that is ranked. */
export function rankingPoints(window: MergedWindow, { names, customerOf }: RankingOptions): readonly Point[] {
  const { merchants, customers } = window;
  if (merchants === undefined || customers === undefined) return [];
  const nameOf = (of: keyof KeyNames, key: number) =>
    names.map((known) => known[of].get(key)).find((text) => text !== undefined);
  const rank = { window, purchases: window.moments.count };
  return [
    ...customersPoint(window),
    ...top({ ...rank, kind: "merchant", counted: merchants }, (key) => nameOf("merchants", key) ?? `#${hexOf(key)}`),
    ...top(
      { ...rank, kind: "customer", counted: customers.frequent },
      (key) => customerOf(key, nameOf("customers", key)),
    ),
  ];
}

interface Ranking {
  readonly window: MergedWindow;
  readonly kind: "merchant" | "customer";
  readonly counted: FrequentData;
  /** All of the window, those included that name no merchant or customer. */
  readonly purchases: number;
}

function top({ window, kind, counted, purchases }: Ranking, nameOf: (key: number) => string): readonly Point[] {
  return firstOf(counted, RANKS).map(({ key, count }, index) => ({
    measurement: "transactions_top",
    tags: { category: window.category, kind, rank: String(index + 1) },
    timeMs: window.endMs,
    fields: { name: nameOf(key), count, error: counted.error, share: count / purchases, final: true },
  }));
}

function customersPoint({ category, endMs, customers }: MergedWindow): readonly Point[] {
  if (customers === undefined || customers.purchases === 0) return [];
  const { unique, repeat, buckets, median, p95 } = buyingOf(customers);
  const bought = BUCKETS.map((_, index): [string, FieldValue] => [bucketField(index), buckets[index] ?? 0]);
  return [{
    measurement: "transactions_customers",
    tags: { category },
    timeMs: endMs,
    fields: {
      ...{ unique_customers: unique, repeat_customers: repeat, purchases: customers.purchases },
      ...(median === undefined || p95 === undefined ? {} : { purchases_p50: median, purchases_p95: p95 }),
      ...Object.fromEntries(bought),
      final: true,
    },
  }];
}

/** `bought_1`, …, `bought_5_to_9`, `bought_10_or_more`. */
function bucketField(index: number): string {
  const from = BUCKETS[index] ?? 0, next = BUCKETS[index + 1];
  if (next === undefined) return `bought_${from}_or_more`;
  return next === from + 1 ? `bought_${from}` : `bought_${from}_to_${next - 1}`;
}

/** The keys that came most often, at most `most` of them; of equals the lower one first. */
function firstOf(
  { keys, counts }: KeyCounts,
  most: number,
): readonly { readonly key: number; readonly count: number }[] {
  return Array.from(keys, (key, index) => ({ key, count: counts[index] ?? 0 }))
    .sort((a, b) => b.count - a.count || a.key - b.key).slice(0, most);
}

function hexOf(key: number): string {
  return key.toString(16).padStart(8, "0");
}
