/**
 * Hours and days as windows: what charts of long ranges, and totals of regions over them, are made of.
 *
 * I1. An hour is a window that ends when it ends, final from the start; windows of one length do not overlap.
 * I2. It has what sums of panes have: counts, amounts, extremes, frauds. Quantiles and customers are not rolled up.
 * I3. Memory is for what is answered, not for what is read: one sum a category and hour, or one a region.
 */
import type { FieldValue, Measurement, Point } from "../domain/point.ts";
import type { RegionTotals } from "../stream/region_history.ts";
import { DAY_MS, HOUR_MS } from "../stream/roll_up.ts";

/** What may be asked for: the measurement that holds it, how long one is, and its tag as a window. */
export const ROLL_UPS = {
  hour: { measurement: "transactions_hourly", stretchMs: HOUR_MS, window: "1h" },
  day: { measurement: "transactions_daily", stretchMs: DAY_MS, window: "24h" },
} as const satisfies Readonly<Record<string, RollUp>>;

/** One length of roll-ups. */
export interface RollUp {
  readonly measurement: Measurement;
  readonly stretchMs: number;
  readonly window: string;
}

interface Sum {
  count: number;
  amount: number;
  min: number;
  max: number;
  frauds: number;
  fraudAmount: number;
}

const MINUTE_MS = 60_000;

/** The windows of roll-ups that come in the order of time: one a category and stretch, whatever their regions. */
export async function windowsOf(rollUps: AsyncIterable<Point>, rollUp: RollUp): Promise<readonly Point[]> {
  const sums = new Map<number, Map<string, Sum>>();
  for await (const { timeMs, tags: { category = "" }, fields } of rollUps) {
    const byCategory = sums.get(timeMs) ?? new Map<string, Sum>();
    sums.set(timeMs, byCategory);
    byCategory.set(category, added(byCategory.get(category), fields));
  }
  return [...sums].flatMap(([startMs, byCategory]) => (
    [...byCategory].map(([category, sum]) => windowOf(startMs, category, { sum, rollUp }))
  ));
}

/** What each region brought in all of them, biggest first. */
export async function regionsOf(rollUps: AsyncIterable<Point>, { stretchMs }: RollUp): Promise<RegionTotals> {
  const sums = new Map<string, Sum>();
  let sinceMs: number | undefined, untilMs: number | undefined;
  for await (const { timeMs, tags: { region = "" }, fields } of rollUps) {
    sinceMs ??= timeMs;
    untilMs = timeMs + stretchMs;
    sums.set(region, added(sums.get(region), fields));
  }
  const regions = [...sums].map(([region, sum]) => ({
    region,
    transaction_count: sum.count,
    amount_sum: sum.amount,
    fraud_count: sum.frauds,
    fraud_amount: sum.fraudAmount,
  }));
  regions.sort((a, b) => b.transaction_count - a.transaction_count || (a.region < b.region ? -1 : 1));
  return { sinceMs, untilMs, regions };
}

function added(sum: Sum | undefined, fields: Readonly<Record<string, FieldValue>>): Sum {
  const known = sum ?? { count: 0, amount: 0, min: Infinity, max: -Infinity, frauds: 0, fraudAmount: 0 };
  const number = (name: string) => Number(fields[name] ?? 0);
  known.count += number("transaction_count");
  known.amount += number("amount_sum");
  known.min = Math.min(known.min, number("amount_min"));
  known.max = Math.max(known.max, number("amount_max"));
  known.frauds += number("fraud_count");
  known.fraudAmount += number("fraud_amount");
  return known;
}

function windowOf(
  startMs: number,
  category: string,
  { sum, rollUp: { stretchMs, window } }: { readonly sum: Sum; readonly rollUp: RollUp },
): Point {
  const { count, amount, min, max, frauds, fraudAmount } = sum;
  const shares: Record<string, FieldValue> = count === 0
    ? {}
    : { avg_amount: amount / count, amount_min: min, amount_max: max, fraud_rate: frauds / count };
  return {
    measurement: "transactions_avg",
    tags: { category, window },
    timeMs: startMs + stretchMs,
    fields: {
      ...shares,
      transaction_count: count,
      amount_sum: amount,
      transactions_per_minute: count / (stretchMs / MINUTE_MS),
      fraud_count: frauds,
      fraud_amount: fraudAmount,
      final: true,
    },
  };
}
