/** The detectors that can be scored, by name: each sees times and values only, one row at a time and in order. */
import { AnomalyModel } from "../../src/window/anomaly_model.ts";
import type { Series } from "./corpus.ts";

/** A score for each row of a file; the same settings for every file. */
export type Detector = (series: Pick<Series, "timesMs" | "values">) => number[];

/** Tally's own, the benchmark's floor, and the plain one that everything is measured against. */
export const DETECTORS: Readonly<Record<string, Detector>> = {
  tally: ({ timesMs, values }) => {
    const model = new AnomalyModel();
    return values.map((value, row) => model.step({ timeMs: timesMs[row] ?? 0, value }).alarm);
  },
  "windowed-gaussian": ({ values }) => windowedGaussian(values),
  null: ({ values }) => values.map(() => 0.5),
};

const GAUSSIAN_ROWS = 1_000;

/** How many deviations a value lies from the mean of the rows before it, brought into [0, 1). */
function windowedGaussian(values: readonly number[]): number[] {
  return values.map((value, row) => {
    const before = values.slice(Math.max(0, row - GAUSSIAN_ROWS), row);
    const mean = before.reduce((sum, one) => sum + one, 0) / Math.max(1, before.length);
    const variance = before.reduce((sum, one) => sum + (one - mean) ** 2, 0) / Math.max(1, before.length);
    const distance = variance > 0 ? Math.abs(value - mean) / Math.sqrt(variance) : 0;
    return distance / (1 + distance);
  });
}
