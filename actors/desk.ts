/**
 * The desk where a flush lies until it is durable: claims, points, dead letters, commit.
 *
 * I1. Nothing is committed before what depends on it was acknowledged; a step that failed is done again, the ones before
 *     it are not.
 * I2. A write starts only while nobody else can own the partitions for the length of a store time-out (a zombie does not
 *     write), and no sooner than a store time-out after a write whose outcome is unknown was sent.
 * I3. Before anything else is written, partitions are claimed: the mark of an owner who had left is taken down, and raises
 *     that are not committed yet are. A claim moves neither position nor ledger.
 * I4. A partition that was added to the topic is committed as it begins before anything that depends on it.
 * I5. After a takeover from an owner who has not left, nothing is made final until no write of its can arrive any more:
 *     a provisional point of its could otherwise land on a final one. Who leaves before hands the rest of that time on.
 */
import type { Clock } from "../src/clock.ts";
import type { Point } from "../src/domain/point.ts";
import type { Log } from "../src/log.ts";
import { type Checkpoint, encodeCheckpoint, type Raise } from "../src/stream/checkpoint.ts";
import type { DeadLetter, DeadLetters } from "../src/stream/dead_letters.ts";
import { FencedError, RetryableError } from "../src/stream/failures.ts";
import { assertLeased } from "../src/stream/lease.ts";
import type { Source } from "../src/stream/source.ts";
import type { RefusedPoint, Store } from "../src/stream/store.ts";
import { spanned } from "../src/telemetry.ts";
import type { FlushNews } from "./live.ts";

/** What a desk works with. */
export interface DeskOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly source: Source;
  readonly store: Store;
  readonly deadLetters: DeadLetters;
  readonly storeTimeoutMs: number;
  /** How long after a takeover a write of an owner who has not left may still arrive. */
  readonly zombieMs: number;
}

/** Everything that one flush makes durable. */
export interface Flush {
  readonly points: readonly Point[];
  readonly letters: readonly DeadLetter[];
  readonly checkpoints: ReadonlyMap<number, Checkpoint>;
  readonly frontierMs: number;
  /** Whether the partitions are let go after it. */
  readonly isLast: boolean;
  /** What to tell when it is durable. */
  readonly news: FlushNews;
}

/** What is made durable, in this order. */
const STEPS = ["claim", "points", "letters", "commit"] as const;

/** The last points that a store refused for good; more are only counted. */
const REFUSED_KEPT = 100;

/** Makes flushes durable, one at a time. */
export class Desk {
  readonly #options: DeskOptions;
  #generation: number | undefined;
  #committed = new Map<number, Checkpoint>();
  /** Closed by what was committed of other partitions, and before that. */
  #closed = new Map<number, number>();
  #unclaimed = new Set<number>();
  #pending: { readonly flush: Flush; done: number } | undefined;
  #notBeforeMs = -Infinity;
  #holdsUntilMs = -Infinity;
  #refused: RefusedPoint[] = [];
  #refusedCount = 0;

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** What ends by then is closed for good in every partition; −Infinity when nothing is. */
  get closedMs(): number {
    const all = [...this.#committed.keys()].map((partition) => this.closedOf(partition));
    return all.length === 0 ? -Infinity : Math.min(...all);
  }

  /** What ends by then is closed for good in a partition. */
  closedOf(partition: number): number {
    return Math.max(this.#committed.get(partition)?.frontierMs ?? -Infinity, this.#closed.get(partition) ?? -Infinity);
  }

  /** Whether nothing may be made final yet, because a write of the owner before us may still arrive. */
  get isHolding(): boolean {
    return this.#options.clock.elapsedMs() < this.#holdsUntilMs;
  }

  /** The newest points that the store refused for good, and how many there were in all. */
  get refused(): { readonly points: readonly RefusedPoint[]; readonly count: number } {
    return { points: this.#refused, count: this.#refusedCount };
  }

  /** Takes partitions over; of a new generation instead of, of the same one beside what was owned. */
  own({ generation, checkpoints }: OwnedPartitions): void {
    if (generation !== this.#generation) {
      this.disown();
      const { clock, zombieMs } = this.#options;
      const holdsMs = checkpoints.map(({ checkpoint: { hasLeft, holdMs = 0 } }) => hasLeft ? holdMs : zombieMs);
      this.#holdsUntilMs = clock.elapsedMs() + Math.max(0, ...holdsMs);
    }
    this.#generation = generation;
    for (const { partition, checkpoint, closedMs, isAdded } of checkpoints) {
      this.#committed.set(partition, checkpoint);
      this.#closed.set(partition, closedMs);
      if (isAdded) this.#unclaimed.add(partition);
    }
  }

  /** Forgets everything: whatever was not committed is somebody else's to do again. */
  disown(): void {
    this.#generation = undefined;
    this.#committed = new Map();
    this.#closed = new Map();
    this.#unclaimed = new Set();
    this.#pending = undefined;
  }

  /** The generation that owns the partitions; undefined when there is none. */
  get generation(): number | undefined {
    return this.#generation;
  }

  /** Lays down a flush to make durable. */
  open(flush: Flush): void {
    this.#pending = { flush, done: 0 };
  }

  /**
   * Finishes what lies on the desk.
   *
   * @returns the flush that became durable, if there was one
   * @throws {RetryableError} when it must be tried again; {FencedError} when the partitions are no longer ours
   */
  async settle(): Promise<Flush | undefined> {
    if (this.#generation === undefined) throw new FencedError("Cannot flush: no partitions are owned");
    const generation = this.#generation, pending = this.#pending;
    if (pending === undefined) return undefined;
    for (const step of STEPS.slice(pending.done)) {
      await spanned(`tally.${step}`, {}, () => this.#do(step, pending.flush, generation));
      pending.done++;
    }
    this.#pending = undefined;
    return pending.flush;
  }

  async #do(step: typeof STEPS[number], flush: Flush, generation: number): Promise<void> {
    switch (step) {
      case "claim":
        await this.#commit(generation, this.#claims(flush.checkpoints));
        return this.#unclaimed.clear();
      case "points":
        return await this.#write(flush.points);
      case "letters":
        return flush.letters.length === 0 ? undefined : await this.#options.deadLetters.append(flush.letters);
      case "commit":
        return await this.#commit(generation, this.#parting(flush));
    }
  }

  /** The last committed checkpoints of partitions that are not claimed, or have been raised since. */
  #claims(checkpoints: ReadonlyMap<number, Checkpoint>): ReadonlyMap<number, Checkpoint> {
    const claims = new Map<number, Checkpoint>();
    for (const [partition, { raises }] of checkpoints) {
      const committed = this.#committed.get(partition);
      const fresh = raises.filter((raise) => !committed?.raises.some((known) => isSame(known, raise)));
      const isDue = fresh.length > 0 || committed?.hasLeft || this.#unclaimed.has(partition);
      if (committed === undefined || !isDue) continue;
      const others = committed.raises.filter(({ offset }) => fresh.every((raise) => raise.offset !== offset));
      const { holdMs: _, ...claimed } = committed;
      claims.set(partition, { ...claimed, raises: [...others, ...fresh], hasLeft: false });
    }
    return claims;
  }

  /** The checkpoints of a flush, with the mark of leaving, and what is left of a hold, when it is the last. */
  #parting({ checkpoints, isLast }: Flush): ReadonlyMap<number, Checkpoint> {
    if (!isLast) return checkpoints;
    const holdMs = this.#holdsUntilMs - this.#options.clock.elapsedMs();
    const mark = { hasLeft: true, ...(holdMs > 0 ? { holdMs } : {}) };
    return new Map([...checkpoints].map(([partition, checkpoint]) => [partition, { ...checkpoint, ...mark }]));
  }

  async #write(points: readonly Point[]): Promise<void> {
    if (points.length === 0) return;
    const { source, store, storeTimeoutMs, clock } = this.#options;
    assertLeased({ storeTimeoutMs, leaseRemainingMs: () => source.leaseRemainingMs() });
    const sentAtMs = clock.elapsedMs();
    const waitMs = this.#notBeforeMs - sentAtMs;
    if (waitMs > 0) {
      throw new RetryableError("Cannot write: an earlier write may still arrive", { retryAfterMs: waitMs });
    }
    this.#notBeforeMs = sentAtMs + storeTimeoutMs;
    const { refused } = await store.write(points);
    this.#notBeforeMs = -Infinity;
    this.#setAside(refused);
  }

  #setAside(refused: readonly RefusedPoint[]): void {
    if (refused.length === 0) return;
    this.#refusedCount += refused.length;
    this.#refused = [...this.#refused, ...refused].slice(-REFUSED_KEPT);
    for (const { point, reason } of refused.slice(0, REFUSED_KEPT)) {
      this.#options.log.error("The store refused a point", { reason, point });
    }
  }

  async #commit(generation: number, checkpoints: ReadonlyMap<number, Checkpoint>): Promise<void> {
    const commits = [...checkpoints].map(([partition, checkpoint]) => ({
      partition,
      position: checkpoint.position,
      metadata: encodeCheckpoint(checkpoint),
    }));
    const changed = commits.filter(({ partition, metadata }) =>
      metadata !== this.#metadataOf(partition) || this.#unclaimed.has(partition)
    );
    if (changed.length > 0) await this.#options.source.commit(generation, changed);
    for (const [partition, checkpoint] of checkpoints) this.#committed.set(partition, checkpoint);
  }

  #metadataOf(partition: number): string {
    const checkpoint = this.#committed.get(partition);
    return checkpoint === undefined ? "" : encodeCheckpoint(checkpoint);
  }
}

function isSame(a: Raise, b: Raise): boolean {
  return a.offset === b.offset && a.watermarkMs === b.watermarkMs;
}

/** Partitions of a generation, with what they start from. */
export interface OwnedPartitions {
  readonly generation: number;
  readonly checkpoints: readonly OwnedPartition[];
  /** How many partitions the topic has; those not named here belong to other processes. */
  readonly partitionCount: number;
  /** Why all partitions are here or none, in words. */
  readonly split?: string | undefined;
}

/** A partition with what it starts from. */
export interface OwnedPartition {
  readonly partition: number;
  readonly checkpoint: Checkpoint;
  /** What ends by then is closed by what others have committed. */
  readonly closedMs: number;
  /** Whether it is new in the topic. */
  readonly isAdded: boolean;
}
