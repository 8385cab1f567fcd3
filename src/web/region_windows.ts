/**
 * Rolling windows of one region, folded from its panes.
 *
 * I1. A window's sums are those of the panes in it, nothing else is kept by region; it is final up to the newest final
 *     pane, as everywhere.
 * I2. Work and answer depend on panes, not on the time between them: a gap is zeros for `GAP_MS`, then nothing, and
 *     windows are never closer together than panes.
 */
import type { FieldValue, Point } from "../domain/point.ts";

/** How to fold, ms. */
export interface FoldOptions {
  readonly windowMs: number;
  /** Windows end at multiples of this. */
  readonly stepMs: number;
  /** The first end wanted. */
  readonly fromMs: number;
  /** How many windows there may be, of all categories together. */
  readonly maxWindows: number;
}

interface Pane {
  readonly startMs: number;
  readonly count: number;
  readonly sum: number;
  readonly frauds: number;
}

interface Fold extends FoldOptions {
  readonly newestEndMs: number;
  readonly finalEndMs: number;
}

const MINUTE_MS = 60_000;
/** Longest stretch without a pane that is filled with zeros. */
const GAP_MS = 600_000;

/** The windows of panes that come in the order of time; in the order of their ends, one of a category and end. */
export async function foldWindows(panes: AsyncIterable<Point>, options: FoldOptions): Promise<readonly Point[]> {
  const byCategory = new Map<string, Pane[]>();
  let newestMs = -Infinity, finalMs = -Infinity, slideMs = Infinity;
  for await (const { tags, timeMs: startMs, fields } of panes) {
    const { category = "" } = tags, known = byCategory.get(category) ?? [];
    byCategory.set(category, known);
    const number = (field: string) => Number(fields[field] ?? 0);
    const [count, sum, frauds] = [number("transaction_count"), number("amount_sum"), number("fraud_count")];
    known.push({ startMs, count, sum, frauds });
    if (startMs > newestMs) slideMs = Math.min(slideMs, startMs - newestMs);
    newestMs = startMs;
    if (fields["final"] === true) finalMs = startMs;
  }
  if (slideMs === Infinity) slideMs = options.stepMs;
  const stepMs = Math.ceil(slideMs / options.stepMs) * options.stepMs;
  const fold = { ...options, stepMs, newestEndMs: newestMs + slideMs, finalEndMs: finalMs + slideMs };
  const windows: Point[] = [];
  for (const [category, known] of byCategory) windows.push(...windowsOf(category, known, fold));
  return windows.sort((a, b) => a.timeMs - b.timeMs);
}

/** One window a step, from the one that holds the first pane to the one that ends with the newest of any category. */
function windowsOf(category: string, panes: readonly Pane[], fold: Fold): Point[] {
  const { windowMs, stepMs, fromMs, maxWindows, newestEndMs } = fold, windows: Point[] = [];
  const firstMs = Math.max((panes[0]?.startMs ?? Infinity) + 1, fromMs);
  let from = 0, to = 0;
  for (let endMs = Math.ceil(firstMs / stepMs) * stepMs; endMs <= newestEndMs; endMs += stepMs) {
    while ((panes[to]?.startMs ?? Infinity) < endMs) to++;
    while ((panes[from]?.startMs ?? Infinity) < endMs - windowMs) from++;
    const nextMs = panes[to]?.startMs ?? newestEndMs;
    if (windows.length > maxWindows) throw tooMany(maxWindows);
    if (from < to || nextMs - endMs <= GAP_MS) {
      windows.push(windowOf(category, panes.slice(from, to), { ...fold, endMs }));
    } else endMs = Math.floor(nextMs / stepMs) * stepMs;
  }
  return windows;
}

function windowOf(category: string, panes: readonly Pane[], { endMs, windowMs, finalEndMs }: Fold & { endMs: number }) {
  const add = (field: "count" | "sum" | "frauds") => panes.reduce((total, pane) => total + pane[field], 0);
  const count = add("count"), sum = add("sum"), frauds = add("frauds");
  const shares: Record<string, FieldValue> = count === 0 ? {} : { avg_amount: sum / count, fraud_rate: frauds / count };
  const point: Point = {
    measurement: "transactions_avg",
    tags: { category, window: `${windowMs}ms` },
    timeMs: endMs,
    fields: {
      ...shares,
      transaction_count: count,
      amount_sum: sum,
      transactions_per_minute: count / (windowMs / MINUTE_MS),
      fraud_count: frauds,
      final: endMs <= finalEndMs,
    },
  };
  return point;
}
