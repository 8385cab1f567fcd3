/** Windows and panes as points: the only place that knows how a metric is computed from what was counted. */
import type { FieldValue, Point } from "../domain/point.ts";
import { buyingOf } from "../window/buying.ts";
import { NOBODY } from "../window/customers.ts";
import { stddevOf } from "../window/moments.ts";
import { QuantileSketch } from "../window/quantile_sketch.ts";
import { TOTAL } from "../window/region_totals.ts";
import type { WindowShape } from "../window/shape.ts";
import type { MergedWindow } from "./merge.ts";

const QUANTILES = [0.5, 0.95, 0.99];
const MINUTE_MS = 60_000;

/** How a window is written. */
export interface WindowPointOptions {
  readonly shape: WindowShape;
  readonly isFinal: boolean;
}

/** The point of a window in `transactions_avg`; averages, deviations and quantiles of an empty window are absent. */
export function windowPoint(window: MergedWindow, { shape, isFinal }: WindowPointOptions): Point {
  const { moments } = window;
  const { count } = moments;
  return {
    measurement: "transactions_avg",
    tags: { category: window.category, window: durationTag(shape.windowMs) },
    timeMs: window.endMs,
    fields: {
      ...(count === 0 ? {} : amountFields(window)),
      transaction_count: count,
      amount_sum: moments.sum,
      transactions_per_minute: count / (shape.windowMs / MINUTE_MS),
      fraud_count: moments.fraudCount,
      fraud_amount: moments.fraudSum,
      ...customerFields(window),
      final: isFinal,
    },
  };
}

/** A region's totals in one pane of a category. */
export interface RegionPane {
  readonly category: string;
  readonly region: string;
  readonly startMs: number;
  /** In the order of `TOTAL`. */
  readonly totals: Float64Array;
}

/** The point of a region's pane in `transactions_total`; without coordinates `lat` and `lon` are absent. */
export function panePoint({ category, region, startMs, totals }: RegionPane, isFinal: boolean): Point {
  const at = (name: keyof typeof TOTAL): number => totals[TOTAL[name]] ?? 0;
  const located = at("located");
  return {
    measurement: "transactions_total",
    tags: { category, region },
    timeMs: startMs,
    fields: {
      transaction_count: at("count"),
      amount_sum: at("sum"),
      amount_min: at("min"),
      amount_max: at("max"),
      fraud_count: at("fraudCount"),
      fraud_amount: at("fraudSum"),
      ...(located === 0 ? {} : { lat: at("latSum") / located, lon: at("lonSum") / located }),
      final: isFinal,
    },
  };
}

/** A duration as it stands in the tag `window`: the largest whole unit, such as `60s`, `10m`, `24h`, `500ms`. */
export function durationTag(durationMs: number): string {
  if (durationMs % 1_000 !== 0) return `${durationMs}ms`;
  const seconds = durationMs / 1_000;
  if (seconds > 60 && seconds % 3_600 === 0) return `${seconds / 3_600}h`;
  return seconds > 60 && seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}

function amountFields({ moments, amounts }: MergedWindow): Record<string, FieldValue> {
  const sketch = new QuantileSketch();
  if (amounts !== undefined) sketch.merge(amounts);
  const within = (amount: number) => Math.min(Math.max(amount, moments.min), moments.max);
  const [p50 = NaN, p95 = NaN, p99 = NaN] = sketch.quantiles(QUANTILES).map(within);
  return {
    avg_amount: moments.sum / moments.count,
    amount_min: moments.min,
    amount_max: moments.max,
    amount_stddev: stddevOf(moments) ?? 0,
    amount_p50: p50,
    amount_p95: p95,
    amount_p99: p99,
    fraud_rate: moments.fraudCount / moments.count,
  };
}

function customerFields({ customers = NOBODY }: MergedWindow): Record<string, FieldValue> {
  const { unique, repeat } = buyingOf(customers);
  return {
    unique_customers: unique,
    repeat_customers: repeat,
    ...(unique === 0 ? {} : { purchases_per_customer: customers.purchases / unique }),
  };
}
