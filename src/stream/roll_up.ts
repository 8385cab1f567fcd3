/**
 * Hours and days: what is left of panes when they are too old to be kept one by one.
 *
 * I1. An hour is the sum of the final panes that the store holds of it, a day that of its hours; both begin in UTC.
 * I2. Rolling up again gives the same points: it may be done as often as anyone likes.
 */
import type { FieldValue, Measurement, Point } from "../domain/point.ts";
import type { Store } from "./store.ts";

/** Milliseconds of an hour and a day. */
export const HOUR_MS = 3_600_000, DAY_MS = 24 * HOUR_MS;

/** Which hours and days: those that hold an instant of `[fromMs, toMs)` and have ended by `finalMs`. */
export interface RollUpRange {
  readonly fromMs: number;
  readonly toMs: number;
  /** What ends by then is final. */
  readonly finalMs: number;
}

/** Where a roll-up may write; throws when it may not. */
export type RollUpStore = Pick<Store, "read" | "write">;

interface Step {
  readonly from: Measurement;
  readonly to: Measurement;
  readonly stretchMs: number;
}

const STEPS: readonly Step[] = [
  { from: "transactions_total", to: "transactions_hourly", stretchMs: HOUR_MS },
  { from: "transactions_hourly", to: "transactions_daily", stretchMs: DAY_MS },
];

/**
 * Rolls panes up into hours and hours into days.
 *
 * Cost: reads every pane of the hours once; memory for the series of one hour.
 *
 * @throws {RetryableError | ConfigError} from the store; what was written until then stays
 */
export async function rollUp(store: RollUpStore, { fromMs, toMs, finalMs }: RollUpRange): Promise<void> {
  for (const step of STEPS) {
    const { stretchMs } = step;
    const startMs = Math.floor(fromMs / stretchMs) * stretchMs;
    const endMs = Math.min(Math.ceil(toMs / stretchMs), Math.floor(finalMs / stretchMs)) * stretchMs;
    if (startMs < endMs) await roll(store, step, { startMs, endMs });
  }
}

async function roll(
  store: RollUpStore,
  { from, to, stretchMs }: Step,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
): Promise<void> {
  let timeMs = NaN, sums = new Map<string, Sum>();
  const write = async () => {
    if (sums.size > 0) await store.write([...sums.values()].map((sum) => sum.point(to, timeMs)));
    sums = new Map();
  };
  const range = Number.isFinite(startMs) ? { fromMs: startMs, toMs: endMs } : { toMs: endMs };
  for await (const point of store.read({ measurement: from, ...range })) {
    if (point.fields["final"] === false) continue;
    const nextMs = Math.floor(point.timeMs / stretchMs) * stretchMs;
    if (nextMs !== timeMs) await write();
    timeMs = nextMs;
    const { category = "", region = "" } = point.tags;
    const name = JSON.stringify([category, region]);
    const sum = sums.get(name) ?? new Sum({ category, region });
    sums.set(name, sum);
    sum.add(point.fields);
  }
  await write();
}

/** The sum of a category in a region. */
class Sum {
  readonly #tags: Readonly<Record<string, string>>;
  #count = 0;
  #amount = 0;
  #min = Infinity;
  #max = -Infinity;
  #fraudCount = 0;
  #fraudAmount = 0;
  /** Centroids weigh as much as the transactions they stand for. */
  #located = 0;
  #lat = 0;
  #lon = 0;

  constructor(tags: Readonly<Record<string, string>>) {
    this.#tags = tags;
  }

  add(fields: Readonly<Record<string, FieldValue>>): void {
    const at = (name: string): number => Number(fields[name] ?? 0);
    const count = at("transaction_count");
    this.#count += count;
    this.#amount += at("amount_sum");
    this.#min = Math.min(this.#min, at("amount_min"));
    this.#max = Math.max(this.#max, at("amount_max"));
    this.#fraudCount += at("fraud_count");
    this.#fraudAmount += at("fraud_amount");
    if (fields["lat"] === undefined) return;
    this.#located += count;
    this.#lat += at("lat") * count;
    this.#lon += at("lon") * count;
  }

  point(measurement: Measurement, timeMs: number): Point {
    const located = this.#located;
    return {
      measurement,
      tags: this.#tags,
      timeMs,
      fields: {
        transaction_count: this.#count,
        amount_sum: this.#amount,
        amount_min: this.#min,
        amount_max: this.#max,
        fraud_count: this.#fraudCount,
        fraud_amount: this.#fraudAmount,
        ...(located === 0 ? {} : { lat: this.#lat / located, lon: this.#lon / located }),
      },
    };
  }
}
