/** Metrics in Prometheus' text format; values are read when asked for, never counted on the way. */
import { Gauge, Registry } from "prom-client";

/** Values of one metric by its labels. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One metric. */
export interface MetricFamily {
  /** `tally_<what>[_unit][_total]`. */
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly samples: () => Iterable<Sample>;
}

/** Puts families into words. */
export class Metrics {
  readonly #registry = new Registry();

  constructor(families: readonly MetricFamily[]) {
    for (const { name, help, labels, samples } of families) {
      new Gauge({
        name,
        help,
        labelNames: [...labels],
        registers: [this.#registry],
        collect() {
          this.reset();
          for (const sample of samples()) this.set(sample.labels, sample.value);
        },
      });
    }
  }

  /** All metrics as text. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
