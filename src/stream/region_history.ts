/**
 * What each region brought, minute by minute, for as long as the page may ask.
 *
 * I1. Until its minute is sealed, a pane replaces the one of its name; a sealed minute takes nothing more.
 * I2. A minute is sealed once it lies `settleMs` behind the newest: no pane of it can be rewritten by then.
 * I3. At most `capacity` numbers of a series in a pane or a minute; the oldest minute goes first, whole.
 */
import type { Point } from "../domain/point.ts";

/** How much is kept. */
export interface RegionHistoryOptions {
  /** Event time behind the newest minute, ms. */
  readonly keepMs: number;
  /** How long after its minute a pane may still be written anew, ms of event time. */
  readonly settleMs: number;
  readonly capacity: number;
}

/** Which totals are wanted. */
export interface RegionQuery {
  /** Inclusive; counts from the minute that holds it. */
  readonly fromMs: number;
  readonly category?: string;
}

/** One region's totals. */
export interface RegionTotal {
  readonly region: string;
  readonly transaction_count: number;
  readonly amount_sum: number;
  readonly fraud_count: number;
  readonly fraud_amount: number;
}

/** Totals of all regions since `sinceMs`, biggest first. */
export interface RegionTotals {
  /** The first minute counted, which is later than asked for where no more is kept; undefined when nothing is. */
  readonly sinceMs: number | undefined;
  /** The end of the last minute counted. */
  readonly untilMs: number | undefined;
  readonly regions: readonly RegionTotal[];
}

const MINUTE_MS = 60_000;
const FIELDS = ["transaction_count", "amount_sum", "fraud_count", "fraud_amount"] as const;
const [COUNT, SUM, FRAUDS, FRAUD_SUM, WIDTH] = [0, 1, 2, 3, 4];

/** One category in one region. */
interface Series {
  readonly category: string;
  readonly region: string;
}

type Minute =
  | { readonly kind: "open"; readonly panes: Map<number, Map<number, Float64Array>> }
  | { readonly kind: "sealed"; readonly series: Uint32Array; readonly totals: Float64Array };

/** Keeps points of `transactions_total` as totals. Cost: 36 bytes a series and sealed minute. */
export class RegionHistory {
  readonly #options: RegionHistoryOptions;
  readonly #numbers = new Map<string, number>();
  readonly #series: Series[] = [];
  readonly #minutes = new Map<number, Minute>();
  #newestMs = -Infinity;
  #count = 0;

  constructor(options: RegionHistoryOptions) {
    const { keepMs, capacity } = options;
    if (!(keepMs > 0)) throw new RangeError(`Cannot keep regions: keepMs must be > 0, got ${keepMs}`);
    if (!(capacity > 0)) throw new RangeError(`Cannot keep regions: capacity must be > 0, got ${capacity}`);
    this.#options = options;
  }

  /** How many numbers of series in panes and minutes are held. */
  get count(): number {
    return this.#count;
  }

  /** Takes points just written; those of other measurements are passed over. */
  put(points: readonly Point[]): void {
    for (const point of points) if (point.measurement === "transactions_total") this.#putOne(point, true);
    this.#trim();
  }

  /** Takes points of an earlier run, in the order of time; what is known already wins. */
  async fill(points: AsyncIterable<Point>): Promise<void> {
    let group: Point[] = [];
    for await (const point of points) {
      const [first] = group;
      if (first !== undefined && minuteOf(first.timeMs) !== minuteOf(point.timeMs)) {
        this.#adopt(group);
        group = [];
      }
      group.push(point);
    }
    this.#adopt(group);
  }

  /** The totals by region from a time on. Cost: a pass over the minutes asked for. */
  totals({ fromMs, category }: RegionQuery): RegionTotals {
    const byRegion = new Map<string, number[]>();
    const starts = [...this.#minutes.keys()].filter((startMs) => startMs >= minuteOf(fromMs)).sort((a, b) => a - b);
    for (const startMs of starts) {
      this.#each(startMs, (number, numbers) => {
        const series = this.#series[number];
        if (series === undefined || (category !== undefined && series.category !== category)) return;
        byRegion.set(series.region, sum(byRegion.get(series.region), numbers));
      });
    }
    const regions = [...byRegion].map(([region, numbers]) => totalOf(region, numbers));
    regions.sort((a, b) => b.transaction_count - a.transaction_count || (a.region < b.region ? -1 : 1));
    const lastMs = starts.at(-1);
    return { sinceMs: starts[0], untilMs: lastMs === undefined ? undefined : lastMs + MINUTE_MS, regions };
  }

  #adopt(group: readonly Point[]): void {
    for (const point of group) this.#putOne(point, false);
    this.#trim();
  }

  #putOne(point: Point, replaces: boolean): void {
    const startMs = minuteOf(point.timeMs);
    if (startMs < this.#newestMs - this.#options.keepMs) return;
    const minute = this.#minutes.get(startMs) ?? { kind: "open", panes: new Map() } as const;
    if (minute.kind === "sealed") return;
    this.#minutes.set(startMs, minute);
    this.#newestMs = Math.max(this.#newestMs, startMs);
    const pane = minute.panes.get(point.timeMs) ?? new Map<number, Float64Array>();
    minute.panes.set(point.timeMs, pane);
    const number = this.#numberOf(point), isNew = !pane.has(number);
    if (isNew && !this.#hasRoom(startMs)) return;
    if (isNew || replaces) pane.set(number, Float64Array.from(FIELDS, (field) => Number(point.fields[field] ?? 0)));
    if (isNew) this.#count++;
  }

  /** Makes room by dropping the oldest minute; never the one that is being filled. */
  #hasRoom(startMs: number): boolean {
    while (this.#count >= this.#options.capacity) {
      const oldestMs = Math.min(...this.#minutes.keys());
      if (oldestMs >= startMs) return false;
      this.#drop(oldestMs);
    }
    return true;
  }

  #trim(): void {
    const { keepMs, settleMs } = this.#options;
    for (const [startMs, minute] of this.#minutes) {
      if (startMs < this.#newestMs - keepMs) this.#drop(startMs);
      else if (minute.kind === "open" && startMs < this.#newestMs - settleMs) this.#seal(startMs);
    }
  }

  #seal(startMs: number): void {
    const folded = new Map<number, number[]>();
    let before = 0;
    this.#each(startMs, (number, numbers) => {
      before++;
      folded.set(number, sum(folded.get(number), numbers));
    });
    const totals = Float64Array.from([...folded.values()].flat());
    this.#minutes.set(startMs, { kind: "sealed", series: Uint32Array.from(folded.keys()), totals });
    this.#count -= before - folded.size;
  }

  #drop(startMs: number): void {
    this.#each(startMs, () => this.#count--);
    this.#minutes.delete(startMs);
  }

  #each(startMs: number, visit: (number: number, numbers: Float64Array) => void): void {
    const minute = this.#minutes.get(startMs);
    if (minute === undefined) return;
    if (minute.kind === "open") {
      for (const pane of minute.panes.values()) pane.forEach((numbers, number) => visit(number, numbers));
      return;
    }
    minute.series.forEach((number, at) => visit(number, minute.totals.subarray(at * WIDTH, (at + 1) * WIDTH)));
  }

  #numberOf({ tags: { category = "", region = "" } }: Point): number {
    const name = JSON.stringify([category, region]);
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.#series.length);
    return this.#series.push({ category, region }) - 1;
  }
}

function minuteOf(timeMs: number): number {
  return Math.floor(timeMs / MINUTE_MS) * MINUTE_MS;
}

function sum(before: readonly number[] | undefined, numbers: Float64Array): number[] {
  return Array.from(numbers, (value, at) => value + (before?.[at] ?? 0));
}

function totalOf(region: string, numbers: readonly number[]): RegionTotal {
  const at = (index: number) => numbers[index] ?? 0;
  return {
    region,
    transaction_count: at(COUNT),
    amount_sum: at(SUM),
    fraud_count: at(FRAUDS),
    fraud_amount: at(FRAUD_SUM),
  };
}
