/** An incident of fraud in travel, from midnight to ten past. */
import type { Point } from "../../src/domain/point.ts";
import { incidentPoint } from "../../src/stream/anomaly_points.ts";

const T0 = Date.UTC(2026, 0, 5), MINUTE_MS = 60_000;

/** Its point; `minute` is when it began. */
export function incidentOf({ open, minute = 0 }: { readonly open: boolean; readonly minute?: number }): Point {
  const startMs = T0 + minute * MINUTE_MS;
  const told = { expected: 0.01, lower: 0, upper: 0.03, message: "fraud_rate 29 % in travel, expected 1 %" };
  const peak = {
    ...{ metric: "fraud_rate", timeMs: startMs + 3 * MINUTE_MS, minutes: 1 } as const,
    ...{ score: 1, surprise: 17, value: 0.29, ...told },
  };
  return incidentPoint({ category: "travel", region: "" }, { startMs, endMs: startMs + 10 * MINUTE_MS, peak }, open);
}
