/** What regions are coloured and ranked by. Pure. */
import { format } from "./format.js";

/** How many shades a map has. */
export const SHADES = 6;

/**
 * The metrics of a region: how to compute, name and print them.
 *
 * @type {Record<string, { label: string, of: (total: any, minutes: number) => number | undefined,
 *   print: (value: any) => string, tone: "plain" | "alarm" }>}
 */
export const REGION_METRICS = {
  transactions: {
    label: "Transactions / min",
    of: ({ transaction_count: count }, minutes) => count / minutes,
    print: format.rate,
    tone: "plain",
  },
  average: {
    label: "Average amount",
    of: ({ transaction_count: count, amount_sum: sum }) => count > 0 ? sum / count : undefined,
    print: format.amount,
    tone: "plain",
  },
  amount: {
    label: "Amount / min",
    of: ({ amount_sum: sum }, minutes) => sum / minutes,
    print: format.count,
    tone: "plain",
  },
  frauds: { label: "Frauds", of: ({ fraud_count: frauds }) => frauds, print: format.count, tone: "alarm" },
  fraudRate: {
    label: "Fraud rate",
    of: ({ transaction_count: count, fraud_count: frauds }) => count > 0 ? frauds / count : undefined,
    print: format.percent,
    tone: "alarm",
  },
};

/**
 * The regions of an answer with the value of a metric and its shade, highest first.
 *
 * @param {{ sinceMs?: number, untilMs?: number, regions: any[] } | undefined} answer
 * @param {{ metric: string, highMs: number | null | undefined }} options
 */
export function regionFigures(answer, { metric, highMs }) {
  const { of } = REGION_METRICS[metric], totals = answer?.regions ?? [];
  const endMs = Math.min(answer?.untilMs ?? 0, highMs ?? Infinity);
  const minutes = Math.max(1 / 60, (endMs - (answer?.sinceMs ?? 0)) / 60_000);
  const figures = totals.map((total) => ({ region: total.region, total, value: of(total, minutes) }));
  figures.sort((a, b) => (b.value ?? -Infinity) - (a.value ?? -Infinity));
  const limits = limitsOf(figures.flatMap(({ value }) => value === undefined ? [] : [value]));
  return { figures: figures.map((figure) => ({ ...figure, shade: shadeOf(figure.value, limits) })), limits };
}

/**
 * Where one shade ends and the next begins: as many regions in each, so that a few giants do not leave the rest pale.
 *
 * @param {number[]} values
 * @returns {number[]} `SHADES − 1` of them, rising; fewer when values repeat, none below all
 */
function limitsOf(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  const limits = Array.from({ length: SHADES - 1 }, (_, index) => at((index + 1) / SHADES));
  return [...new Set(limits)].filter((limit) => limit > at(0));
}

/** @param {number | undefined} value @param {number[]} limits */
function shadeOf(value, limits) {
  if (value === undefined) return undefined;
  return limits.filter((limit) => value >= limit).length;
}
