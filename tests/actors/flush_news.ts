/** What a flush tells when nothing has come of it: tests say only what matters to them. */
import type { FlushNews } from "../../actors/live.ts";
import type { PartitionStanding } from "../../src/stream/progress.ts";

/** A whole minute. */
export const T0 = Date.UTC(2026, 0, 5);

/** The only partition, at its end. */
export const STANDING: PartitionStanding = { partition: 0, next: 1, end: 1, watermarkMs: T0, isPaused: false };

/** A flush of one point that is not told. */
export const NEWS: FlushNews = {
  points: [],
  pointCount: 1,
  letterCount: 0,
  uncovered: 0,
  overflowed: 0,
  lines: [],
  frontierMs: -Infinity,
  heldBy: undefined,
  highMs: T0,
  partitionCount: 1,
};
