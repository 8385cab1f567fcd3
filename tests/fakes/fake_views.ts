/** Views over points in memory, for tests of the web. */
import type { FieldValue, Point } from "../../src/domain/point.ts";
import { type Ledger, ledgerOf } from "../../src/stream/ledger.ts";
import type { LetterExcerpt } from "../../src/stream/letter_excerpt.ts";
import { RegionHistory, type RegionQuery, type RegionTotals } from "../../src/stream/region_history.ts";
import type { PointQuery } from "../../src/stream/store.ts";
import type { Health, LiveUpdate, PipelineStatus, Views } from "../../src/web/views.ts";

/** A point of `transactions_avg`, with the fields that a test does not name set to something plausible. */
export function averagePoint(
  category: string,
  timeMs: number,
  fields: Readonly<Record<string, FieldValue>> = {},
): Point {
  const plausible = {
    avg_amount: 50,
    transaction_count: 10,
    amount_sum: 500,
    transactions_per_minute: 10,
    fraud_count: 1,
    fraud_rate: 0.1,
    final: true,
  };
  return {
    measurement: "transactions_avg",
    tags: { category, window: "60s" },
    timeMs,
    fields: { ...plausible, ...fields },
  };
}

/** A ledger of one partition that balances. */
export function ledgerAt(position: number, end = position): Ledger {
  const rest = { late: 0, future: 0, invalid: 0, skipped: 0, amended: 0 };
  return ledgerOf([{ partition: 0, first: 0, position, end, counted: position, ...rest }]);
}

/** What the web sees; a test sets the fields and calls `publish`. */
export class FakeViews implements Views {
  stored: Point[] = [];
  currentLedger: Ledger = ledgerAt(0);
  currentHealth: Health = { ok: true, problems: [] };
  alive = true;
  currentPipeline: PipelineStatus = {
    problems: [],
    frontierMs: null,
    heldBy: [],
    partitions: [],
    store: { writes: 0, points: 0, refused: 0, failures: 0, recent: [] },
    totals: {},
  };
  letters: LetterExcerpt[] = [];
  readonly regionHistory = new RegionHistory({ keepMs: 6 * 3_600_000, settleMs: 120_000, capacity: 100_000 });
  /** Thrown by every view while set. */
  failure: unknown;
  /** How many reads of points have begun. */
  reads = 0;
  /** Reads of points wait for this before they end. */
  gate: Promise<void> = Promise.resolve();
  readonly listeners = new Set<(update: LiveUpdate) => void>();

  async *points(query: PointQuery): AsyncIterable<Point> {
    this.reads++;
    this.#fail();
    const { measurement, fromMs = -Infinity, toMs = Infinity, tags = {}, limit = Infinity } = query;
    const found = this.stored.filter((point) =>
      point.measurement === measurement && point.timeMs >= fromMs && point.timeMs < toMs &&
      Object.entries(tags).every(([tag, value]) => point.tags[tag] === value)
    );
    yield* found.slice(Math.max(0, found.length - limit));
    await this.gate;
  }

  async ledger(): Promise<Ledger> {
    await this.gate;
    this.#fail();
    return this.currentLedger;
  }

  actors(): Promise<unknown> {
    this.#fail();
    return Promise.resolve({ name: "tally", state: "running", restarts: 0, queue: 0, children: [] });
  }

  health(): Health {
    return this.currentHealth;
  }

  isAlive(): Promise<boolean> {
    return Promise.resolve(this.alive);
  }

  regions(query: RegionQuery): RegionTotals {
    this.#fail();
    return this.regionHistory.totals(query);
  }

  pipeline(): PipelineStatus {
    this.#fail();
    return this.currentPipeline;
  }

  deadLetters(): readonly LetterExcerpt[] {
    this.#fail();
    return this.letters;
  }

  metrics(): string {
    this.#fail();
    return "# TYPE tally_events_total counter\ntally_events_total 1\n";
  }

  subscribe(listener: (update: LiveUpdate) => void): Disposable {
    this.listeners.add(listener);
    return { [Symbol.dispose]: () => void this.listeners.delete(listener) };
  }

  /** Stores the points of an update, then tells the listeners, as the pipeline does. */
  publish(news: Omit<LiveUpdate, "samples" | "anomalies"> & Partial<LiveUpdate>): void {
    const update = { samples: [], anomalies: [], ...news };
    const names = new Set(update.points.map(nameOf));
    this.stored = [...this.stored.filter((point) => !names.has(nameOf(point))), ...update.points];
    this.stored.sort((a, b) => a.timeMs - b.timeMs);
    this.currentLedger = update.ledger;
    for (const listener of this.listeners) listener(update);
  }

  #fail(): void {
    if (this.failure !== undefined) throw this.failure;
  }
}

function nameOf(point: Point): string {
  return JSON.stringify([point.measurement, point.tags, point.timeMs]);
}
