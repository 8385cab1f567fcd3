import type { Checkpoint, Raise } from "./checkpoint.ts";
import type { Letter, Point } from "./cluster.ts";
import { type Machine, type Summary, withRaise } from "./machine.ts";
import { pointsOf } from "./points.ts";
import type { Process } from "./process.ts";
import { raiseTarget, type Reader } from "./reader.ts";
import { horizonOf, NEVER, paneOf } from "./rules.ts";

/** One step's name; between any two the process may die, stall, or read on. */
export type Step = string;
type Steps<T> = Generator<Step, T>;

/** One flush (L4, L5): summaries, raises, write, commit, each a step of its own. */
export class Flush {
  readonly #process: Process;
  readonly #summaries = new Map<number, Summary>();
  readonly #idle = new Set<number>();

  constructor(process: Process) {
    this.#process = process;
  }

  /** Runs the flush; ends early when the group has moved on. */
  *run(): Steps<void> {
    const { mutation } = this.#process.options;
    yield* this.#summarize();
    if (!(yield* this.#raise())) return this.#process.abandon();
    for (const reader of this.#readers()) reader.held = false;
    yield "released";
    const frontier = this.#frontier();
    if (mutation === "commitBeforeWrite" && !(yield* this.#commit(frontier))) return this.#process.abandon();
    if (!(yield* this.#write(frontier))) return;
    for (const partition of this.#summaries.keys()) this.#seal(partition, frontier);
    if (mutation !== "commitBeforeWrite" && !(yield* this.#commit(frontier))) return this.#process.abandon();
    this.#handOver(frontier);
  }

  #readers(): Reader[] {
    return [...this.#process.readers.values()];
  }

  /** Asks one partition after the other; an idle one is held from here until its raise is decided. */
  *#summarize(): Steps<void> {
    const { protocol, mutation, cluster } = this.#process.options;
    for (const reader of this.#readers()) {
      const { machine } = reader;
      const othersBehind = this.#readers().some((other) => other !== reader && !other.caughtUp);
      if (reader.isIdle(cluster.now, { paused: this.#process.isPaused(reader), othersBehind })) {
        this.#idle.add(machine.partition);
        reader.held = protocol === "hold" && mutation !== "noHold";
      }
      this.#summaries.set(machine.partition, machine.summary());
      yield "summarized";
    }
  }

  *#raise(): Steps<boolean> {
    const raises = this.#decide();
    if (raises.size === 0) return true;
    if (this.#process.options.protocol === "applyFirst") {
      this.#apply(raises);
      yield "raised, not committed";
      yield* this.#summarizeAgain();
      return yield* this.#commitRaises(this.#uncommitted());
    }
    if (this.#process.options.mutation !== "raiseBeforeCommit" && !(yield* this.#commitRaises(raises))) return false;
    this.#apply(raises);
    for (const [partition, raise] of raises) this.#patch(partition, raise);
    yield "raised";
    return true;
  }

  /** Which partitions are to be raised, where, and how far. */
  #decide(): Map<number, Raise> {
    const { rules, mutation, protocol, untilCaughtUp, cluster } = this.#process.options;
    const readers = this.#readers(), raises = new Map<number, Raise>();
    const end = this.#endOfRun();
    const wallSpeed = !untilCaughtUp || readers.some((reader) => reader.isFull && !reader.caughtUp);
    for (const reader of readers) {
      const { machine } = reader;
      const own = mutation === "ownHighWhenAllIdle" ? reader : undefined;
      const now = mutation === "stallIsIdle" ? cluster.now : undefined;
      const target = end ??
        (this.#idle.has(machine.partition)
          ? raiseTarget(readers, this.#idle, { rules, own, now, wallSpeed, capByHigh: mutation === "capByHigh" })
          : NEVER);
      const summary = this.#summaries.get(machine.partition);
      if (summary === undefined || target <= summary.watermark || this.#hasMoved(machine)) continue;
      const offset = protocol === "applyFirst" ? machine.position : summary.position;
      if (withRaise(machine.raises, { offset, watermark: target }).length > rules.maxRaises) continue;
      if (!reader.provesIdle && end === undefined) {
        cluster.breach(`raise of ${machine.partition} without proof of idleness`);
      }
      raises.set(machine.partition, { offset, watermark: target });
    }
    return raises;
  }

  /** Read on since its summary: no longer idle for certain, the next flush will see. Held partitions cannot. */
  #hasMoved(machine: Machine): boolean {
    const { protocol } = this.#process.options;
    return protocol === "applyFirst" && machine.position !== this.#summaries.get(machine.partition)?.position;
  }

  /** --until-caught-up: the end of the pane with the highest `high`, once every end has been reached. */
  #endOfRun(): number | undefined {
    const { untilCaughtUp, rules } = this.#process.options;
    const readers = this.#readers();
    if (!untilCaughtUp || !this.#atEnds()) return undefined;
    const high = Math.max(...readers.map(({ machine }) => machine.high));
    return high === NEVER ? undefined : paneOf(high, rules) + rules.slide;
  }

  /** Judged by the summaries: a raise belongs to the position its summary shows, not to one read since. */
  #atEnds(): boolean {
    return this.#readers().every(({ machine, stopAt }) =>
      (this.#summaries.get(machine.partition)?.position ?? -1) >= stopAt
    );
  }

  #apply(raises: ReadonlyMap<number, Raise>): void {
    const { mutation } = this.#process.options;
    const settles = mutation === "sinceFromEarlyRaise" || this.#readers().every((reader) => reader.caughtUp);
    for (const [partition, raise] of raises) this.#process.readers.get(partition)?.machine.raise(raise, settles);
  }

  #patch(partition: number, raise: Raise): void {
    const summary = this.#summaries.get(partition);
    const machine = this.#process.readers.get(partition)?.machine;
    if (summary === undefined || machine === undefined) return;
    const watermark = Math.max(summary.watermark, raise.watermark);
    this.#summaries.set(partition, {
      ...summary,
      watermark,
      since: machine.since,
      raises: withRaise(summary.raises, raise),
    });
  }

  *#summarizeAgain(): Steps<void> {
    for (const { machine } of this.#readers()) {
      this.#summaries.set(machine.partition, machine.summary());
      yield "summarized again";
    }
  }

  /** Raises in the summaries that no commit has made durable. */
  #uncommitted(): Map<number, Raise> {
    const found = new Map<number, Raise>();
    for (const { partition, raises } of this.#summaries.values()) {
      const known = this.#process.committed.get(partition)?.raises ?? [];
      const isNew = (raise: Raise) =>
        !known.some(({ offset, watermark }) => offset === raise.offset && watermark >= raise.watermark);
      const raise = raises.findLast(isNew);
      if (raise !== undefined) found.set(partition, raise);
    }
    return found;
  }

  /** Commits raises alone: the last committed checkpoint plus the raise, no new position, no new ledger. */
  *#commitRaises(raises: ReadonlyMap<number, Raise>): Steps<boolean> {
    const checkpoints = new Map<number, Checkpoint>();
    for (const [partition, raise] of raises) {
      const base = this.#process.committed.get(partition);
      if (base) checkpoints.set(partition, { ...base, raises: withRaise(base.raises, raise) });
    }
    yield "raise decided";
    return yield* this.#send(checkpoints);
  }

  /** A commit whose answer is lost is sent again until it is answered. */
  *#send(checkpoints: ReadonlyMap<number, Checkpoint>): Steps<boolean> {
    const { cluster, id } = this.#process.options;
    for (;;) {
      const answer = cluster.commit(id, checkpoints);
      yield `commit ${answer}`;
      if (answer === "fenced") return false;
      if (answer === "lost") continue;
      for (const [partition, checkpoint] of checkpoints) this.#process.committed.set(partition, checkpoint);
      return true;
    }
  }

  /** Lowest watermark of the summaries; a partition seized from one that had not left keeps its committed frontier for a while (L8). */
  #frontier(): number {
    const { cluster, mutation } = this.#process.options;
    const patient = mutation !== "noHoldOfFinals" && mutation !== "rewriteFinalsInstead";
    let frontier = Infinity;
    for (const { partition, watermark } of this.#summaries.values()) {
      const live = this.#process.readers.get(partition)?.machine.watermark ?? watermark;
      const own = mutation === "watermarkAfterSummary" ? live : watermark;
      const seized = cluster.now < (this.#process.seizedUntil.get(partition) ?? NEVER);
      frontier = Math.min(frontier, seized && patient ? this.#process.sealed.get(partition) ?? NEVER : own);
    }
    if (mutation !== "frontierNeverFalls") return Math.min(frontier, this.#limit());
    this.#process.frontierFloor = Math.max(frontier, this.#process.frontierFloor);
    return Math.min(this.#process.frontierFloor, this.#limit());
  }

  /** L2: while a partition replays, nothing past its committed frontier is written. */
  #limit(): number {
    if (this.#process.options.mutation === "writeWhileReplaying") return Infinity;
    const replaying = [...this.#summaries.values()].filter((summary) => summary.replaying);
    return Math.min(Infinity, ...replaying.map(({ partition }) => this.#process.sealed.get(partition) ?? NEVER));
  }

  *#write(frontier: number): Steps<boolean> {
    const { rules, mutation } = this.#process.options;
    const summaries = [...this.#summaries.values()];
    const points = pointsOf({
      summaries,
      frontier,
      limit: this.#limit(),
      closedFor: (category) => this.#process.closedFor(category),
      floorFor: (category) => this.#process.floorFor(category),
      rules,
      mutation,
    });
    const letters = summaries.flatMap(({ partition, letters }) =>
      [...letters].map(([offset, reason]) => ({ partition, offset, reason }))
    );
    return yield* this.#sendWrite([...points, ...this.#process.owed(points)], letters);
  }

  /** L8: starts no write that could land after the session is over; after a failure of unknown outcome waits until it cannot land. */
  *#sendWrite(points: readonly Point[], letters: readonly Letter[]): Steps<boolean> {
    const { cluster, rules, mutation, id } = this.#process.options;
    for (;;) {
      const age = cluster.now - this.#process.heartbeatAt;
      if (mutation !== "noWriteGuard" && age + rules.storeTimeout >= rules.session) return false;
      yield "about to write";
      const ticket = cluster.send({ writer: id, points, letters });
      yield "writing";
      while (ticket.state === "waiting") yield "writing";
      if (ticket.state === "acked") return true;
      while (mutation !== "retryAtOnce" && cluster.now < ticket.sentAt + rules.storeTimeout) {
        yield "waiting out a failed write";
      }
    }
  }

  #seal(partition: number, frontier: number): void {
    const sealed = this.#process.sealed;
    sealed.set(partition, Math.max(frontier, sealed.get(partition) ?? NEVER));
  }

  *#commit(frontier: number): Steps<boolean> {
    const checkpoints = new Map<number, Checkpoint>();
    for (const summary of this.#summaries.values()) {
      if (!summary.replaying) checkpoints.set(summary.partition, this.#checkpoint(summary, frontier));
    }
    yield "about to commit";
    if (!(yield* this.#send(checkpoints))) return false;
    for (const [partition, checkpoint] of checkpoints) {
      const summary = this.#summaries.get(partition);
      if (summary) this.#process.readers.get(partition)?.machine.committed(summary, checkpoint);
    }
    yield "committed";
    return true;
  }

  /** L1: replay starts at the first record of a pane that a window or a zero point can still need. */
  #checkpoint(summary: Summary, flushed: number): Checkpoint {
    const { rules, mutation } = this.#process.options;
    const frontier = Math.max(flushed, this.#process.sealed.get(summary.partition) ?? NEVER);
    const horizon = horizonOf(frontier, rules) + (mutation === "zeroFillNotKept" ? rules.zeroFill : 0);
    let offset = summary.position, watermark = summary.watermark;
    for (const pane of summary.panes) {
      if (pane.start < horizon || pane.firstOffset >= offset) continue;
      offset = pane.firstOffset;
      watermark = pane.watermarkBefore;
    }
    const { position, high, since, ledger } = summary;
    const raises = summary.raises.filter((raise) => raise.offset >= offset);
    return { offset, watermark, position, high, frontier, since, raises, ledger, config: rules };
  }

  /** A clean hand-over, or the end of a run that has caught up. */
  #handOver(frontier: number): void {
    const process = this.#process;
    for (const partition of [...process.releasing]) {
      if (!(this.#summaries.get(partition)?.replaying ?? true)) process.drop(partition);
    }
    const end = this.#endOfRun();
    const nothing = end === undefined && process.options.untilCaughtUp && this.#atEnds();
    if (nothing || (end !== undefined && frontier >= end)) process.finished = true;
  }
}
