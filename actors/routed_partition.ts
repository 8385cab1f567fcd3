/** A partition as the source actor sees it: the task it is routed to, and how far reading has come. */
import type { RefOf } from "../src/actor/mod.ts";
import { Idleness } from "../src/stream/idleness.ts";
import type { FetchState } from "../src/stream/lane_plan.ts";
import type { OffsetRange } from "../src/stream/source.ts";
import type { partitionTask } from "./partition_task.ts";

/** What a routed partition starts with. */
export interface RoutedPartitionOptions {
  readonly partition: number;
  readonly task: RefOf<typeof partitionTask>;
  /** The offset to read first. */
  readonly offset: number;
  /** Up to where reading only rebuilds what was counted before. */
  readonly position: number;
  readonly range: OffsetRange;
  /** The first offset not to read. */
  readonly stopAt: number;
  readonly nowMs: number;
}

/** Reading one partition. */
export class RoutedPartition implements FetchState {
  readonly partition: number;
  readonly task: RefOf<typeof partitionTask>;
  readonly stopAt: number;
  readonly idleness: Idleness;
  readonly #position: number;
  fetchOffset: number;
  endOffset: number;
  /** The next offset to decide. */
  next: number;
  watermarkMs = -Infinity;
  inFlightBytes = 0;
  isPaused = false;
  askedAtMs = -Infinity;

  constructor(options: RoutedPartitionOptions) {
    const { partition, task, offset, position, range, stopAt, nowMs } = options;
    this.partition = partition;
    this.task = task;
    this.stopAt = stopAt;
    this.#position = position;
    this.fetchOffset = offset;
    this.next = offset;
    this.endOffset = range.end;
    this.idleness = new Idleness({ assignedAtMs: nowMs, next: offset, end: Math.min(range.end, stopAt) });
  }

  /** Whether everything up to the bound has been decided. */
  get isDone(): boolean {
    return this.next >= this.stopAt;
  }

  /** Whether it is still reading again what was counted before. */
  get isReplaying(): boolean {
    return this.next < this.#position;
  }

  /** Whether there is something left to read. */
  get hasMore(): boolean {
    return this.next < Math.min(this.endOffset, this.stopAt);
  }
}

/** What the source knows of a partition, for flushes, health and metrics. */
export interface PartitionStatus {
  readonly partition: number;
  readonly taskPath: string;
  readonly next: number;
  readonly end: number;
  readonly watermarkMs: number;
  readonly isPaused: boolean;
  readonly isIdle: boolean;
  /** How long ago the last record came, or the assignment. */
  readonly quietForMs: number;
  /** Whether it has been read up to the end that it had when it was assigned. */
  readonly hasReachedFirstEnd: boolean;
}

/** When a partition counts as idle. */
export interface IdleRules {
  readonly idleMs: number;
  /** A run that ends when caught up waits for no quiet time. */
  readonly untilCaughtUp: boolean;
}

/** How all partitions stand. */
export function statusesOf(
  partitions: Iterable<RoutedPartition>,
  { idleMs, untilCaughtUp }: IdleRules,
): readonly PartitionStatus[] {
  const all = [...partitions];
  const isCatchingUp = all.some(({ idleness }) => !idleness.hasReachedFirstEnd);
  return all.map(({ partition, task, next, endOffset, watermarkMs, isPaused, isDone, hasMore, idleness }) => ({
    partition,
    taskPath: task.path,
    next,
    end: endOffset,
    watermarkMs,
    isPaused,
    // What has arrived and is not decided yet, because its task stands at a bound, makes nobody idle.
    isIdle: !hasMore && (idleness.isQuiet(idleMs) ||
      (isCatchingUp && (isDone || idleness.isAhead(untilCaughtUp ? 0 : idleMs)))),
    quietForMs: idleness.quietForMs,
    hasReachedFirstEnd: idleness.hasReachedFirstEnd,
  }));
}
