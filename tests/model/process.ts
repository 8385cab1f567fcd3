import { type Checkpoint, freshCheckpoint } from "./checkpoint.ts";
import type { Cluster, Point } from "./cluster.ts";
import { Machine } from "./machine.ts";
import { Reader } from "./reader.ts";
import { horizonOf, type Mutation, NEVER, paneAfter, type Rules } from "./rules.ts";

/** How idle partitions are raised: held from summary to commit, or raised first and committed before any effect. */
export type RaiseProtocol = "hold" | "applyFirst";

/** What a process is made from. */
export interface ProcessOptions {
  readonly id: number;
  readonly cluster: Cluster;
  readonly rules: Rules;
  readonly protocol: RaiseProtocol;
  readonly mutation: Mutation | undefined;
  readonly untilCaughtUp: boolean;
  /** Makes the next flush, step by step. */
  readonly flush: (process: Process) => Generator<string, void>;
}

/** One running Tally: readers, and one flush after the other, stepped from outside so that it can die between any two steps. */
export class Process {
  readonly options: ProcessOptions;
  readonly readers = new Map<number, Reader>();
  /** Per partition: nothing ending at or before it is written again. */
  readonly sealed = new Map<number, number>();
  readonly committed = new Map<number, Checkpoint>();
  readonly releasing = new Set<number>();
  readonly released: { readonly partition: number; readonly clean: boolean }[] = [];
  readonly seizedUntil = new Map<number, number>();
  heartbeatAt: number;
  /** The frontier kept by the breach `frontierNeverFalls`. */
  frontierFloor = NEVER;
  finished = false;
  #flush: Generator<string, void> | undefined;
  readonly #ends = new Map<number, number>();
  readonly #debts: Point[] = [];

  constructor(options: ProcessOptions) {
    this.options = options;
    this.heartbeatAt = options.cluster.now;
    const { topic } = options.cluster.options;
    topic.partitions.forEach((_, p) => this.#ends.set(p, topic.end(p, options.cluster.now)));
  }

  /** Takes a partition over at its checkpoint. */
  assign(partition: number, seizedAt: number | undefined): void {
    const { cluster, rules, mutation, untilCaughtUp } = this.options;
    const { topic } = cluster.options;
    const stored = cluster.checkpoints.get(partition);
    const checkpoint = stored ? reconfigured(stored, rules, mutation) : freshCheckpoint(topic.start(partition), rules);
    const sinceFloor = stored ? NEVER : this.#closedByOthers();
    const machine = new Machine({ partition, checkpoint, rules, mutation, sinceFloor });
    machine.skipTo(topic.start(partition));
    const ends = mutation === "endsNotTakenOnce"
      ? topic.end(partition, cluster.now) + 3
      : this.#ends.get(partition) ?? 0;
    const stopAt = untilCaughtUp ? ends : Infinity;
    this.readers.set(
      partition,
      new Reader({ machine, topic, rules, mutation, now: cluster.now, stopAt, clean: seizedAt === undefined }),
    );
    this.sealed.set(partition, checkpoint.frontier);
    this.committed.set(partition, checkpoint);
    const period = rules.session + rules.storeTimeout;
    this.seizedUntil.set(partition, seizedAt === undefined ? NEVER : cluster.now + period);
  }

  /** Gives everything up at once; nothing of it is committed. */
  abandon(): void {
    for (const held of [this.readers, this.sealed, this.committed, this.seizedUntil]) held.clear();
    this.releasing.clear();
    this.#flush = undefined;
  }

  /** Forgets a partition handed over after a clean flush. */
  drop(partition: number): void {
    const clean = this.leavesCleanly(partition);
    for (const held of [this.readers, this.sealed, this.committed, this.seizedUntil]) held.delete(partition);
    this.releasing.delete(partition);
    this.released.push({ partition, clean });
  }

  /** A leave is clean only when nothing a predecessor may have written is still open, and nothing of it can still land. */
  leavesCleanly(partition: number): boolean {
    const floor = this.readers.get(partition)?.floor ?? NEVER, { mutation, cluster } = this.options;
    if (mutation === "alwaysCleanLeave") return true;
    return (this.sealed.get(partition) ?? NEVER) >= floor && cluster.now >= (this.seizedUntil.get(partition) ?? NEVER);
  }

  /** One fetch of one partition, unless it is held or paused. */
  read(partition: number, limit: number): void {
    const reader = this.readers.get(partition);
    if (reader === undefined || reader.held || this.isPaused(reader)) return;
    reader.fetch(this.options.cluster.now, limit);
  }

  /** L4: too far ahead of the frontier; never while it replays, or a restart could lock itself. */
  isPaused(reader: Reader): boolean {
    const { window, lateness } = this.options.rules;
    const frontier = Math.min(...[...this.readers.values()].map(({ machine }) => machine.watermark));
    return !reader.machine.replaying && reader.machine.watermark > frontier + window + 2 * lateness;
  }

  /** One step of the current flush; starts the next one when there is none. */
  step(): string {
    if (this.finished || this.readers.size === 0) return "nothing to do";
    this.#flush ??= this.options.flush(this);
    const { done, value } = this.#flush.next();
    if (done) this.#flush = undefined;
    return value ?? "flushed";
  }

  /** L8: what is closed for a category, by the frontiers of the partitions that feed it. */
  closedFor(category: number): number {
    const { cluster, mutation } = this.options;
    const { topic } = cluster.options;
    if (mutation === "rewriteClosed") return NEVER;
    if (mutation === "minFrontierOnTakeover") return Math.min(...this.sealed.values());
    if (topic.keyed && mutation !== "maxFrontierOverKeyed") return this.sealed.get(topic.home(category)) ?? NEVER;
    return Math.max(...this.sealed.values());
  }

  /** L3: what a predecessor that did not leave cleanly may have written as final; no provisional point goes there. */
  floorFor(category: number): number {
    const { cluster, mutation } = this.options;
    const { topic } = cluster.options;
    if (mutation === "provisionalAtOnce") return NEVER;
    if (topic.keyed) return this.readers.get(topic.home(category))?.floor ?? NEVER;
    const floors = [...this.readers.values()].map(({ floor }) => floor).filter((floor) => floor !== NEVER);
    return floors.includes(Infinity) ? Infinity : floors.length > 0 ? Math.min(...floors) : NEVER;
  }

  /** The finals that the breach `rewriteFinalsInstead` owes the store: those of the time after a seizure, once more when it is over. */
  owed(points: readonly Point[]): Point[] {
    if (this.options.mutation !== "rewriteFinalsInstead") return [];
    if (this.options.cluster.now < Math.max(...this.seizedUntil.values())) {
      this.#debts.push(...points.filter(({ final }) => final));
      return [];
    }
    return this.#debts.splice(0);
  }

  /** A partition begun anew on an unkeyed topic: what the others have closed stays as it is. */
  #closedByOthers(): number {
    const { cluster } = this.options;
    if (cluster.options.topic.keyed) return NEVER;
    return Math.max(NEVER, ...[...cluster.checkpoints.values()].map(({ frontier }) => frontier));
  }
}

/** L14: a checkpoint of other rules, as the present ones may continue it. */
export function reconfigured(old: Checkpoint, rules: Rules, mutation: Mutation | undefined): Checkpoint {
  const since = (time: number) => old.since === undefined ? undefined : Math.max(old.since, paneAfter(time, rules));
  const { config } = old;
  if (config.lateness !== rules.lateness && mutation !== "latenessOnReplay") {
    return {
      ...old,
      offset: old.position,
      watermark: Math.max(old.watermark, old.frontier),
      since: since(old.high + rules.maxSkew + 1),
      raises: old.raises.filter((raise) => raise.offset >= old.position),
      config: rules,
    };
  }
  const longer = rules.window > config.window || rules.window + rules.zeroFill > config.window + config.zeroFill;
  if (!longer || mutation === "horizonIgnoredOnLongerWindow") return { ...old, config: rules };
  return { ...old, since: since(horizonOf(old.frontier, config)), config: rules };
}
