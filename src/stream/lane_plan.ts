/**
 * Which partitions to fetch next, and whether the fetch may wait.
 *
 * I1. What a partition has in flight stays under its credit; a paused partition is not fetched.
 * I2. A fetch waits for news only when nothing that may be read is left behind, so an idle partition never slows a busy
 *     one.
 */
import type { Want } from "./source.ts";

/** What is known of a partition between two fetches. */
export interface FetchState {
  readonly partition: number;
  /** The next offset to fetch. */
  readonly fetchOffset: number;
  /** The end when last heard of. */
  readonly endOffset: number;
  /** The first offset not to read; Infinity without a bound. */
  readonly stopAt: number;
  readonly inFlightBytes: number;
  readonly isPaused: boolean;
}

/** Bounds of fetching. */
export interface LaneLimits {
  /** Bytes of one partition under way to or in its worker. */
  readonly creditBytes: number;
  /** Bytes asked of one partition at a time. */
  readonly fetchBytes: number;
  /** How long a fetch may wait when there is nothing to read. */
  readonly maxWaitMs: number;
}

/** The next fetch of a lane, or undefined when it must wait for credit. */
export interface LaneFetch {
  readonly wants: readonly Want[];
  readonly maxWaitMs: number;
}

/** Plans a lane's next fetch. `turn` rotates the order, so that no partition is always first. */
export function planFetch(partitions: readonly FetchState[], limits: LaneLimits, turn: number): LaneFetch | undefined {
  const open = partitions.filter(({ isPaused, fetchOffset, stopAt }) => !isPaused && fetchOffset < stopAt);
  const free = open.filter(({ inFlightBytes }) => inFlightBytes < limits.creditBytes);
  const isBehind = open.some(hasMore);
  if (free.length === 0 || (isBehind && !free.some(hasMore))) return undefined;
  const first = turn % free.length;
  const wants = [...free.slice(first), ...free.slice(0, first)].map(({ partition, fetchOffset }) => (
    { partition, offset: fetchOffset, maxBytes: limits.fetchBytes }
  ));
  return { wants, maxWaitMs: isBehind ? 0 : limits.maxWaitMs };
}

function hasMore({ fetchOffset, endOffset }: FetchState): boolean {
  return fetchOffset < endOffset;
}
