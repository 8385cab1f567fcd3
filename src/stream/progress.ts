/**
 * Health is progress: whether everything that should advance does, and who holds it up.
 *
 * I1. Waiting for a good reason is not unhealthy: a partition at its end, idle, or paused while the frontier moves.
 */

/** A partition as health sees it. */
export interface PartitionStanding {
  readonly partition: number;
  readonly next: number;
  readonly end: number;
  readonly watermarkMs: number;
  readonly isPaused: boolean;
}

/** How far a flush came that is durable. */
export interface AcknowledgedFlush {
  readonly frontierMs: number;
  /** The partition of another process that keeps the frontier back. */
  readonly heldBy?: number | undefined;
}

/** Bounds after which standing still is a problem; monotonic ms. */
export interface ProgressLimits {
  /** @default 30,000 */
  readonly stalledMs?: number;
  /** @default 30,000 */
  readonly unacknowledgedMs?: number;
}

interface Seen {
  standing: PartitionStanding;
  advancedAtMs: number;
}

/** Follows what advances. All times given are monotonic ms. */
export class Progress {
  readonly #stalledMs: number;
  readonly #unacknowledgedMs: number;
  readonly #partitions = new Map<number, Seen>();
  #frontierMs = -Infinity;
  #frontierMovedAtMs: number;
  #acknowledgedAtMs: number;
  #putOff: string | undefined;
  #heldBy: number | undefined;
  #heldSinceMs = Infinity;
  #split: string | undefined;

  constructor(startedAtMs: number, limits: ProgressLimits = {}) {
    this.#stalledMs = limits.stalledMs ?? 30_000;
    this.#unacknowledgedMs = limits.unacknowledgedMs ?? 30_000;
    this.#frontierMovedAtMs = startedAtMs;
    this.#acknowledgedAtMs = startedAtMs;
  }

  /** The frontier last heard of; −Infinity before the first. */
  get frontierMs(): number {
    return this.#frontierMs;
  }

  /** All partitions owned, in order. */
  get partitions(): readonly PartitionStanding[] {
    return [...this.#partitions.values()].map(({ standing }) => standing).sort((a, b) => a.partition - b.partition);
  }

  /** Where the partitions stand now; those not named are no longer ours. */
  stand(standings: readonly PartitionStanding[], nowMs: number): void {
    // Whoever stood by has just begun to flush.
    if (this.#partitions.size === 0) this.#acknowledgedAtMs = nowMs;
    const owned = new Set(standings.map(({ partition }) => partition));
    for (const partition of this.#partitions.keys()) if (!owned.has(partition)) this.#partitions.delete(partition);
    for (const standing of standings) {
      const seen = this.#partitions.get(standing.partition);
      const hasAdvanced = seen === undefined || standing.next > seen.standing.next || standing.next >= standing.end;
      this.#partitions.set(standing.partition, {
        standing,
        advancedAtMs: hasAdvanced ? nowMs : seen.advancedAtMs,
      });
    }
  }

  /** A flush is durable. */
  acknowledged({ frontierMs, heldBy }: AcknowledgedFlush, nowMs: number): void {
    if (frontierMs !== this.#frontierMs) this.#frontierMovedAtMs = nowMs;
    if (frontierMs !== this.#frontierMs || this.#heldBy === undefined) this.#heldSinceMs = nowMs;
    this.#frontierMs = frontierMs;
    this.#heldBy = heldBy;
    this.#acknowledgedAtMs = nowMs;
    this.#putOff = undefined;
  }

  /** A flush could not be made durable. */
  putOff(reason: string): void {
    this.#putOff = reason;
  }

  /** How the topic is shared: why one process has all partitions, in words; undefined when that is not so. */
  shared(split: string | undefined): void {
    this.#split = split;
  }

  /** One sentence a problem; empty when all is well. */
  problems(nowMs: number): readonly string[] {
    const partitions = [
      ...(this.#split === undefined ? [] : [this.#split]),
      ...this.#heldProblem(nowMs),
      ...[...this.#partitions.values()].flatMap((seen) => this.#problemOf(seen, nowMs) ?? []),
    ];
    const silentMs = nowMs - this.#acknowledgedAtMs;
    const isWaiting = this.#putOff !== undefined || this.partitions.every(({ next, end }) => next >= end);
    if (this.#partitions.size === 0 || !isWaiting || silentMs <= this.#unacknowledgedMs) return partitions;
    const why = this.#putOff ?? "the flush under way does not end";
    return [...partitions, `nothing was acknowledged for ${seconds(silentMs)}: ${why}`];
  }

  #heldProblem(nowMs: number): readonly string[] {
    const heldForMs = nowMs - this.#heldSinceMs;
    if (this.#heldBy === undefined || this.#partitions.size === 0 || heldForMs <= this.#stalledMs) return [];
    return [
      `nothing was made final for ${seconds(heldForMs)}: partition ${this.#heldBy}, which another process owns, ` +
      "has not come as far",
    ];
  }

  #problemOf({ standing, advancedAtMs }: Seen, nowMs: number): string | undefined {
    const { partition, next, end, isPaused } = standing;
    const stoodMs = nowMs - (isPaused ? this.#frontierMovedAtMs : advancedAtMs);
    if (next >= end || stoodMs <= this.#stalledMs) return undefined;
    return isPaused
      ? `partition ${partition} is paused and waits for the frontier, which has not moved for ${seconds(stoodMs)}; ` +
        `held by partition ${this.holders().join(", ")}`
      : `partition ${partition} has stood at offset ${next} of ${end} for ${seconds(stoodMs)}`;
  }

  /** The partitions with the lowest watermark. */
  holders(): readonly number[] {
    const lowest = Math.min(...this.partitions.map(({ watermarkMs }) => watermarkMs));
    return this.partitions.filter(({ watermarkMs }) => watermarkMs === lowest).map(({ partition }) => partition);
  }
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`;
}
