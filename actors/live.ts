/**
 * Live: the latest news of the pipeline, for the page, health and metrics.
 *
 * I1. News is passed on at most four times a second, merged: of a point written twice only the last version.
 */
import { actor } from "../src/actor/mod.ts";
import type { Clock } from "../src/clock.ts";
import { partitionOf } from "../src/domain/partitioner.ts";
import type { Point } from "../src/domain/point.ts";
import { type Ledger, type LedgerLine, ledgerOf } from "../src/stream/ledger.ts";
import { type PartitionStanding, Progress } from "../src/stream/progress.ts";

/** What a durable flush brought. */
export interface FlushNews {
  /** Points of `transactions_avg`. */
  readonly points: readonly Point[];
  readonly pointCount: number;
  readonly letterCount: number;
  readonly uncovered: number;
  /** Events counted under `__other__` since the tasks started. */
  readonly overflowed: number;
  readonly lines: readonly LedgerLine[];
  readonly frontierMs: number;
  /** The partition of another process that keeps the frontier back; undefined when none does. */
  readonly heldBy?: number | undefined;
  /** Highest time seen; −Infinity before the first event. */
  readonly highMs: number;
  /** How many partitions the topic has; 0 while that is not known. */
  readonly partitionCount: number;
}

/** What listeners get. */
export interface News {
  readonly points: readonly Point[];
  /** Points of `transactions_anomaly` and `transactions_incident`. */
  readonly anomalies: readonly Point[];
  readonly highMs: number | undefined;
  readonly ledger: Ledger;
}

/** Sums since the program started. */
export interface Totals {
  readonly flushes: number;
  readonly points: number;
  readonly letters: number;
  readonly uncovered: number;
  /** Since the tasks of the partitions started. */
  readonly overflowed: number;
}

/** The most anomalies that wait to be passed on; the newest ones. */
const MAX_MARKS = 200;

/** What is known now; the actor writes it, anyone in this isolate may read it. */
export class Board {
  readonly #clock: Clock;
  readonly #listeners = new Set<(news: News) => void>();
  readonly progress: Progress;
  totals: Totals = { flushes: 0, points: 0, letters: 0, uncovered: 0, overflowed: 0 };
  #lines = new Map<number, LedgerLine>();
  #fresh = new Map<string, Point>();
  #marks = new Map<string, Point>();
  #highMs = -Infinity;
  #partitionCount = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.progress = new Progress(clock.elapsedMs());
  }

  /** Every partition flushed since the program started. */
  get ledger(): Ledger {
    return ledgerOf([...this.#lines.values()]);
  }

  /** Highest time seen; undefined before the first event. */
  get highMs(): number | undefined {
    return Number.isFinite(this.#highMs) ? this.#highMs : undefined;
  }

  /** What does not advance, in sentences. */
  problems(): readonly string[] {
    return this.progress.problems(this.#clock.elapsedMs());
  }

  /** Tells `listener` of news until the result is disposed of. */
  subscribe(listener: (news: News) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Takes the news of a flush. */
  take(news: FlushNews): void {
    const { flushes, points, letters, uncovered } = this.totals;
    this.totals = {
      flushes: flushes + 1,
      points: points + news.pointCount,
      letters: letters + news.letterCount,
      uncovered: uncovered + news.uncovered,
      overflowed: news.overflowed,
    };
    for (const line of news.lines) this.#lines.set(line.partition, line);
    for (const point of news.points) this.#fresh.set(`${point.timeMs} ${point.tags["category"]}`, point);
    this.#highMs = Math.max(this.#highMs, news.highMs);
    this.#partitionCount = news.partitionCount;
    this.progress.acknowledged(news, this.#clock.elapsedMs());
  }

  /** Takes what was found to be unusual, or seems so; passed on with the next news. */
  mark(points: readonly Point[]): void {
    for (const { measurement, tags, timeMs } of points) this.#marks.delete(JSON.stringify([measurement, tags, timeMs]));
    for (const point of points) this.#marks.set(JSON.stringify([point.measurement, point.tags, point.timeMs]), point);
    for (const name of [...this.#marks.keys()].slice(0, Math.max(0, this.#marks.size - MAX_MARKS))) {
      this.#marks.delete(name);
    }
  }

  /** Whether a category comes from one of our partitions, when all keys are categories; everything does if all are ours. */
  owns(category: string): boolean {
    const owned = this.progress.partitions.map(({ partition }) => partition), count = this.#partitionCount;
    if (count === 0 || owned.length === count) return count > 0;
    return owned.includes(partitionOf(new TextEncoder().encode(category), count));
  }

  /** Takes where the partitions stand. */
  stand(standings: readonly PartitionStanding[]): void {
    this.progress.stand(standings, this.#clock.elapsedMs());
  }

  /** Passes on what is fresh. */
  publish(): void {
    const [points, anomalies] = [[...this.#fresh.values()], [...this.#marks.values()]];
    const news = { points, anomalies, highMs: this.highMs, ledger: this.ledger };
    this.#fresh.clear();
    this.#marks.clear();
    for (const listener of this.#listeners) listener(news);
  }
}

const PUBLISH_MS = 250;

interface State {
  readonly board: Board;
  isDue: boolean;
}

/** The live actor. */
export const live = actor({
  name: "live",
  init: ({ board }: { readonly board: Board }): State => ({ board, isDue: false }),
  on: {
    /** A flush is durable. */
    written(state, news: FlushNews, cx) {
      state.board.take(news);
      if (state.isDue) return;
      state.isDue = true;
      cx.after(PUBLISH_MS, "publish");
    },
    /** A flush could not be made durable. */
    putOff({ board }, reason: string) {
      board.progress.putOff(reason);
    },
    /** Where the partitions stand. */
    stood({ board }, standings: readonly PartitionStanding[]) {
      board.stand(standings);
    },
    /** How the topic is shared with other processes. */
    shared({ board }, { split }: { readonly split: string | undefined }) {
      board.progress.shared(split);
    },
    /** Answers, which shows that this isolate's actors have their turns. */
    pulse: () => true,
    /** Passes the news on. */
    publish(state) {
      state.isDue = false;
      state.board.publish();
    },
  },
});
