/**
 * Which partitions to fetch next, and whether the fetch may wait.
 *
 * I1. What a partition has in flight stays under its credit; a paused partition is not fetched.
 * I2. A fetch waits for news only when nothing that may be read is left behind, so an idle partition never slows a busy
 *     one.
 * I3. While the busy partitions wait for credit, the others are asked no more often than if their fetches waited for
 *     news, and no less: what is not asked cannot count as idle.
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
  /** When its last fetch was sent, in monotonic ms; −Infinity before the first. */
  readonly askedAtMs: number;
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

/** When a fetch is planned. */
export interface FetchTurn {
  /** Rotates the order, so that no partition is always first. */
  readonly turn: number;
  /** Monotonic. */
  readonly nowMs: number;
}

/** Plans a lane's next fetch. */
export function planFetch(
  partitions: readonly FetchState[],
  limits: LaneLimits,
  { turn, nowMs }: FetchTurn,
): LaneFetch | undefined {
  const open = partitions.filter(({ isPaused, fetchOffset, stopAt }) => !isPaused && fetchOffset < stopAt);
  const free = open.filter(({ inFlightBytes }) => inFlightBytes < limits.creditBytes);
  const isBehind = open.some(hasMore), mustWait = isBehind && !free.some(hasMore);
  const asked = mustWait ? free.filter(({ askedAtMs }) => nowMs - askedAtMs >= limits.maxWaitMs) : free;
  if (asked.length === 0) return undefined;
  const first = turn % asked.length;
  const wants = [...asked.slice(first), ...asked.slice(0, first)].map(({ partition, fetchOffset }) => (
    { partition, offset: fetchOffset, maxBytes: limits.fetchBytes }
  ));
  return { wants, maxWaitMs: isBehind ? 0 : limits.maxWaitMs };
}

function hasMore({ fetchOffset, endOffset }: FetchState): boolean {
  return fetchOffset < endOffset;
}
