/**
 * The port between the pipeline and the web: everything that HTTP may ask for, and nothing else.
 *
 * I1. A view never changes anything; the web has no other way into the pipeline.
 */
import type { Point } from "../domain/point.ts";
import type { Ledger } from "../stream/ledger.ts";
import type { AcknowledgementSummary } from "../stream/acknowledgements.ts";
import type { LetterExcerpt } from "../stream/letter_excerpt.ts";
import type { RegionQuery, RegionTotals } from "../stream/region_history.ts";
import type { PointQuery } from "../stream/store.ts";
import type { Sample } from "../stream/transaction_sample.ts";

/** What the web may see of the pipeline. */
export interface Views {
  /** Points in the order of time, then tags. Leaving the iteration early ends the read. */
  points(query: PointQuery): AsyncIterable<Point>;
  /** What became of every offset so far. */
  ledger(): Promise<Ledger>;
  /** The tree of actors as JSON: state, restarts, queue. */
  actors(): Promise<unknown>;
  /** Whether everything advances, and what does not. */
  health(): Health;
  /** Whether actors have their turns; whatever else is wrong, a restart would not mend it. */
  isAlive(): Promise<boolean>;
  /** What came from which region, from memory. */
  regions(query: RegionQuery): RegionTotals;
  /** Where every partition stands, and how the store answers. */
  pipeline(): PipelineStatus;
  /** The newest dead letters since the program started, newest first. */
  deadLetters(): readonly LetterExcerpt[];
  /** Metrics in Prometheus' text format. */
  metrics(): Promise<string> | string;
  /**
   * Tells `listener` about points that the store has just acknowledged, until disposed of.
   *
   * Cost: the caller coalesces to at most four updates a second.
   */
  subscribe(listener: (update: LiveUpdate) => void): Disposable;
}

/** The answer of `/healthz`: JSON, with whatever else an operator should see. */
export interface Health extends Readonly<Record<string, unknown>> {
  readonly ok: boolean;
  /** One sentence a problem; it names who holds things up. */
  readonly problems: readonly string[];
  /** The lowest watermark, and the partitions that hold it there. */
  readonly frontier?: { readonly timeMs: number; readonly heldBy?: readonly number[] };
}

/** What changed since the update before. */
export interface LiveUpdate {
  /** Points of `transactions_avg`, provisional and final. */
  readonly points: readonly Point[];
  /** Points of `transactions_anomaly` and `transactions_incident`; those that may still change say so. */
  readonly anomalies: readonly Point[];
  /** Newest event time seen, ms; undefined before the first event. */
  readonly highMs: number | undefined;
  readonly ledger: Ledger;
  /** A few of the transactions that went by, oldest first. */
  readonly samples: readonly Sample[];
}

/** The answer of `/api/pipeline`. */
export interface PipelineStatus {
  readonly problems: readonly string[];
  /** The lowest watermark; null before there is one. */
  readonly frontierMs: number | null;
  /** The partitions that hold the frontier where it is. */
  readonly heldBy: readonly number[];
  readonly partitions: readonly PartitionStatus[];
  readonly store: AcknowledgementSummary;
  /** Sums since the program started. */
  readonly totals: Readonly<Record<string, number>>;
}

/** One partition of this process. */
export interface PartitionStatus {
  readonly partition: number;
  /** The next offset to read. */
  readonly next: number;
  readonly end: number;
  /** null before the first record. */
  readonly watermarkMs: number | null;
  /** Whether it is not read for a while, because it is ahead of the others in event time. */
  readonly isPaused: boolean;
}
