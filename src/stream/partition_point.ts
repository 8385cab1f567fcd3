/** A partition's progress as a point of `tally_partition`. */
import type { Point } from "../domain/point.ts";
import type { LedgerLine } from "./ledger.ts";

/** What is written about a partition at a flush. */
export interface PartitionProgress extends LedgerLine {
  /** −Infinity before the first record. */
  readonly watermarkMs: number;
}

/** The point of a partition at `nowMs`; the delay is absent while there is no watermark. */
export function partitionPoint(progress: PartitionProgress, nowMs: number): Point {
  const { partition, position, end, watermarkMs, counted, late, future, invalid, skipped, amended } = progress;
  return {
    measurement: "tally_partition",
    tags: { partition: String(partition) },
    timeMs: Math.floor(nowMs),
    fields: {
      lag: Math.max(0, end - position),
      position,
      ...(Number.isFinite(watermarkMs) ? { watermark_delay_seconds: (nowMs - watermarkMs) / 1_000 } : {}),
      counted,
      late,
      future,
      invalid,
      skipped,
      amended,
    },
  };
}
