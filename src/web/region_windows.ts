/**
 * Rolling windows of one region, folded from its panes.
 *
 * I1. A window's sums are those of the panes in it, nothing else is kept by region; it is final up to the newest final
 *     pane, as everywhere.
 * I2. Work and answer depend on panes, not on the time between them: a gap is zeros for `GAP_MS`, then nothing; more
 *     windows than allowed are refused.
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

/**
 * The windows of panes that come in the order of time; in the order of their ends, one of a category and end.
 *
 * @throws {SyntaxError} when there are more than `maxWindows`
 */
export async function foldWindows(panes: AsyncIterable<Point>, options: FoldOptions): Promise<readonly Point[]> {
  const byCategory = new Map<string, Pane[]>();
  let newestMs = -Infinity, finalMs = -Infinity, slideMs = options.stepMs;
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
  const fold = { ...options, newestEndMs: newestMs + slideMs, finalEndMs: finalMs + slideMs };
  const windows: Point[] = [];
  for (const [category, panes] of byCategory) addWindows(windows, category, { panes, fold });
  return windows.sort((a, b) => a.timeMs - b.timeMs);
}

/** One window a step, from the one that holds the first pane to the one that ends with the newest of any category. */
function addWindows(
  windows: Point[],
  category: string,
  { panes, fold }: { readonly panes: readonly Pane[]; fold: Fold },
) {
  const { windowMs, stepMs, fromMs, maxWindows, newestEndMs } = fold, sums = runningSums(panes);
  const startOf = (index: number) => panes[index]?.startMs ?? Infinity;
  let from = 0, to = 0;
  for (
    let endMs = Math.ceil(Math.max(startOf(0) + 1, fromMs) / stepMs) * stepMs;
    endMs <= newestEndMs;
    endMs += stepMs
  ) {
    while (startOf(to) < endMs) to++;
    while (startOf(from) < endMs - windowMs) from++;
    const nextMs = Math.min(startOf(to), newestEndMs);
    if (from === to && nextMs - endMs > GAP_MS) {
      endMs = Math.floor(nextMs / stepMs) * stepMs;
      continue;
    }
    if (windows.length === maxWindows) throw tooMany(maxWindows);
    windows.push(windowOf(category, sums.map((sum) => (sum[to] ?? 0) - (sum[from] ?? 0)), { ...fold, endMs }));
  }
}

/** Sums of counts, amounts and frauds before each pane: a window's are differences, however many panes it has. */
function runningSums(panes: readonly Pane[]): readonly Float64Array[] {
  return (["count", "sum", "frauds"] as const).map((field) => {
    const sums = new Float64Array(panes.length + 1);
    panes.forEach((pane, index) => sums[index + 1] = (sums[index] ?? 0) + pane[field]);
    return sums;
  });
}

function windowOf(
  category: string,
  [count = 0, sum = 0, frauds = 0]: readonly number[],
  { endMs, windowMs, finalEndMs }: Fold & { readonly endMs: number },
): Point {
  const shares: Record<string, FieldValue> = count === 0 ? {} : { avg_amount: sum / count, fraud_rate: frauds / count };
  return {
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
}

function tooMany(maxWindows: number): SyntaxError {
  return new SyntaxError(`Cannot read points: the range holds more than ${maxWindows} windows; make step longer`);
}
