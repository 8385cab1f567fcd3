/** How often customers buy: read from what was counted of them. */
import { type CustomersData, uniqueOf } from "./customers.ts";

/** The lowest number of purchases of each bucket but the first, which is a customer with one. */
export const BUCKETS = [1, 2, 3, 4, 5, 10] as const;

/** How often the customers of a window bought. */
export interface Buying {
  /** Different customers. */
  readonly unique: number;
  /** Those of them who bought more than once. */
  readonly repeat: number;
  /** Customers by number of purchases; bucket `i` begins at `BUCKETS[i]` and ends before the next. */
  readonly buckets: readonly number[];
  /** Purchases of the median customer; undefined when there is none. */
  readonly median: number | undefined;
  /** What 95 of 100 customers do not exceed; undefined when there is none. */
  readonly p95: number | undefined;
}

/**
 * What the counts say; numbers of customers are whole.
 *
 * Error: none without `rest`; with it, that of `unique` (1.6 %) and of a share of the sample (see customers.ts).
 */
export function buyingOf(customers: CustomersData): Buying {
  const unique = uniqueOf(customers), { counts } = customers.rest?.sample ?? customers.frequent;
  const ascending = counts.toSorted(), scale = ascending.length === 0 ? 0 : unique / ascending.length;
  const atLeast = (purchases: number): number => {
    const first = ascending.findIndex((count) => count >= purchases);
    return first < 0 ? 0 : ascending.length - first;
  };
  const reached = [...BUCKETS.map(atLeast), 0];
  const quantile = (q: number): number | undefined => ascending[Math.ceil(q * ascending.length) - 1];
  return {
    unique,
    repeat: Math.round(atLeast(2) * scale),
    buckets: BUCKETS.map((_, index) => Math.round(((reached[index] ?? 0) - (reached[index + 1] ?? 0)) * scale)),
    median: quantile(0.5),
    p95: quantile(0.95),
  };
}
