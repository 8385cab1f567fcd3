/**
 * Points: what Tally writes and anyone reads.
 *
 * I1. A point is named by measurement, tags and time; the same name written again replaces, never adds.
 * I2. The type of a field never changes: `SCHEMA` fixes it once, and every store encodes by it.
 */

/** How a field is stored: 64-bit float, 64-bit integer, boolean or text. */
export type FieldKind = "float" | "integer" | "boolean" | "string";

/** A field's value; its kind comes from `SCHEMA`. */
export type FieldValue = number | boolean | string;

/** Measurement names. */
export type Measurement = keyof typeof SCHEMA;

/** One point. A field that has no value (the average of nothing) is absent. */
export interface Point {
  readonly measurement: Measurement;
  /** Values of the measurement's tags. */
  readonly tags: Readonly<Record<string, string>>;
  /** Whole milliseconds since 1970-01-01Z. */
  readonly timeMs: number;
  readonly fields: Readonly<Record<string, FieldValue>>;
}

/** What is summed over any stretch of time. */
const SUMS = {
  transaction_count: "integer",
  amount_sum: "float",
  amount_min: "float",
  amount_max: "float",
  fraud_count: "integer",
  fraud_amount: "float",
  lat: "float",
  lon: "float",
} as const;

/** How unusual a value is, and against what it was held. */
const JUDGEMENT = {
  score: "float",
  value: "float",
  expected: "float",
  lower: "float",
  upper: "float",
  message: "string",
} as const;

/** Tags (in order) and fields of every measurement. */
export const SCHEMA = {
  /** A category's rolling window; time is the window's end. */
  transactions_avg: {
    tags: ["category", "window"],
    fields: {
      avg_amount: "float",
      transaction_count: "integer",
      amount_sum: "float",
      amount_min: "float",
      amount_max: "float",
      amount_stddev: "float",
      amount_p50: "float",
      amount_p95: "float",
      amount_p99: "float",
      transactions_per_minute: "float",
      fraud_count: "integer",
      fraud_rate: "float",
      fraud_amount: "float",
      unique_customers: "integer",
      repeat_customers: "integer",
      purchases_per_customer: "float",
      anomaly_score: "float",
      final: "boolean",
    },
  },
  /** How often a category's customers bought in a final window; one a minute, time is its end. */
  transactions_customers: {
    tags: ["category"],
    fields: {
      unique_customers: "integer",
      repeat_customers: "integer",
      purchases: "integer",
      purchases_p50: "integer",
      purchases_p95: "integer",
      bought_1: "integer",
      bought_2: "integer",
      bought_3: "integer",
      bought_4: "integer",
      bought_5_to_9: "integer",
      bought_10_or_more: "integer",
      final: "boolean",
    },
  },
  /** Who sold or bought most often in the same windows; `kind` is `merchant` or `customer`, `rank` 1 to 10. */
  transactions_top: {
    tags: ["category", "kind", "rank"],
    fields: { name: "string", count: "integer", error: "integer", share: "float", final: "boolean" },
  },
  /** A category's pane in one region; time is the pane's start. */
  transactions_total: {
    tags: ["category", "region"],
    fields: { ...SUMS, final: "boolean" },
  },
  /** A category in one region over an hour; time is the hour's start, UTC. */
  transactions_hourly: { tags: ["category", "region"], fields: SUMS },
  /** The same over a day, UTC. */
  transactions_daily: { tags: ["category", "region"], fields: SUMS },
  /** A metric that is unusual, or was taken for it while it could change; time is the start of its window. */
  transactions_anomaly: {
    tags: ["category", "metric", "region"],
    fields: { ...JUDGEMENT, final: "boolean" },
  },
  /** Something unusual that lasts, or lasted until `end`, ms; time is its start, `peak` that of its most unusual window. */
  transactions_incident: {
    tags: ["category", "region"],
    fields: {
      id: "string",
      open: "boolean",
      end: "integer",
      peak: "integer",
      metric: "string",
      ...JUDGEMENT,
    },
  },
  /** What was told of an incident last: `opened` or `ended`; time is its start. */
  tally_alarm: { tags: ["category", "region"], fields: { told: "string" } },
  /** What has been learnt of a category, or of one in a region, up to a time, as JSON. */
  tally_model: { tags: ["category", "region"], fields: { state: "string" } },
  /** A partition at a flush; time is the flush. */
  tally_partition: {
    tags: ["partition"],
    fields: {
      lag: "integer",
      position: "integer",
      watermark_delay_seconds: "float",
      counted: "integer",
      late: "integer",
      future: "integer",
      invalid: "integer",
      skipped: "integer",
      amended: "integer",
    },
  },
} as const satisfies Readonly<Record<string, MeasurementSchema>>;

/** Tag names in order and the kind of each field. */
export interface MeasurementSchema {
  readonly tags: readonly string[];
  readonly fields: Readonly<Record<string, FieldKind>>;
}

/** All measurements, in the order of `SCHEMA`. */
export const MEASUREMENTS: readonly string[] = Object.keys(SCHEMA);

/** Whether `name` is a measurement that Tally writes. */
export function isMeasurement(name: string): name is Measurement {
  return Object.hasOwn(SCHEMA, name);
}

/**
 * A point as the outside sees it: one flat object with `measurement`, `time` (ISO 8601, milliseconds, `Z`),
 * then the tags, then the fields, each group in the order of `SCHEMA`.
 */
export function flatten(point: Point): Record<string, FieldValue> {
  const schema: MeasurementSchema = SCHEMA[point.measurement];
  const flat: Record<string, FieldValue> = {
    measurement: point.measurement,
    time: new Date(point.timeMs).toISOString(),
  };
  for (const tag of schema.tags) flat[tag] = point.tags[tag] ?? "";
  for (const field of Object.keys(schema.fields)) {
    const value = point.fields[field];
    if (value !== undefined) flat[field] = value;
  }
  return flat;
}
