/**
 * Traces and metrics for OpenTelemetry: Deno exports them when it is started with `OTEL_DENO=true`, else they go nowhere.
 *
 * Source: Deno's manual, "OpenTelemetry"; names follow the semantic conventions' `<namespace>.<what>`.
 */
import { type Attributes, metrics, SpanStatusCode, trace } from "@opentelemetry/api";
import type { MetricFamily } from "./metrics.ts";

const SCOPE = "tally";

/** Does `work` inside a span named `name`; a failure is noted in it. */
export function spanned<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
  return trace.getTracer(SCOPE).startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work();
    } catch (error) {
      span.recordException(error instanceof Error ? error : String(error));
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Lets OpenTelemetry read the metrics that Prometheus reads, under the same names. */
export function observeMetrics(families: readonly MetricFamily[]): void {
  const meter = metrics.getMeter(SCOPE);
  for (const { name, help: description, samples } of families) {
    const instrument = name.endsWith("_total")
      ? meter.createObservableCounter(name, { description })
      : meter.createObservableGauge(name, { description });
    instrument.addCallback((result) => {
      for (const { labels, value } of samples()) if (Number.isFinite(value)) result.observe(value, labels);
    });
  }
}
