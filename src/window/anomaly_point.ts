/** One metric of one step of a category, as it is stored and told. */
import type { MetricJudgement } from "./metric_model.ts";

/** What is watched of a category. */
export type AnomalyMetric = "transaction_rate" | "average_amount" | "fraud_rate" | "unique_customers";

/** How unusual a metric is. */
export interface AnomalyPoint {
  readonly metric: AnomalyMetric;
  /** Start of the step. */
  readonly timeMs: number;
  /** 0 to 1: one minus the probability of so large a departure. */
  readonly score: number;
  /** −log10 of that probability. */
  readonly surprise: number;
  /** Value, expectation and band over the last `minutes`, in which the metric is most unusual; counts are per minute. */
  readonly value: number;
  readonly expected: number;
  readonly lower: number;
  readonly upper: number;
  readonly minutes: number;
  /** The reason in words. */
  readonly message: string;
}

/** Where and when a judgement holds. */
export interface AnomalyPlace {
  readonly category: string;
  readonly metric: AnomalyMetric;
  readonly timeMs: number;
  readonly stepMs: number;
}

const MINUTE_MS = 60_000;
const UNITS: Readonly<Record<AnomalyMetric, string>> = {
  transaction_rate: "/min",
  average_amount: "",
  fraud_rate: " %",
  unique_customers: "/min",
};

/** A judgement as a point, with its reason. */
export function anomalyPoint(
  { category, metric, timeMs, stepMs }: AnomalyPlace,
  judged: MetricJudgement,
): AnomalyPoint {
  const { steps, score, surprise } = judged, minutes = steps * stepMs / MINUTE_MS;
  const isCount = metric === "transaction_rate" || metric === "unique_customers";
  const factor = isCount ? MINUTE_MS / stepMs : 1;
  const value = judged.value * factor, expected = judged.expected * factor;
  const lower = judged.lower * factor, upper = judged.upper * factor;
  const during = minutes > 1 ? ` over ${minutes} min` : "", unit = UNITS[metric];
  const [is, usual, least, most] = [value, expected, lower, upper].map((number) => worded(metric, number));
  const message = `${metric} ${is}${unit} in ${category}${during}, expected ${usual}${unit} (${least}–${most}${unit})`;
  return { metric, timeMs, score, surprise, value, expected, lower, upper, minutes, message };
}

/** A number in words: about three digits are enough to see what is unusual. */
function worded(metric: AnomalyMetric, value: number): string {
  const shown = metric === "fraud_rate" ? value * 100 : value, size = Math.abs(shown);
  return shown.toFixed(size >= 100 ? 0 : size >= 1 || size === 0 ? 1 : 2);
}
