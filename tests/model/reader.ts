import { type Mutation, NEVER, type Rules } from "./rules.ts";
import type { Machine } from "./machine.ts";
import type { Topic } from "./topic.ts";

/** What a reader is made from. */
export interface ReaderOptions {
  readonly machine: Machine;
  readonly topic: Topic;
  readonly rules: Rules;
  readonly mutation: Mutation | undefined;
  readonly now: number;
  /** Nothing at or past this offset is read (--until-caught-up). */
  readonly stopAt: number;
  /** The partition was left cleanly, or never read: the store holds nothing that its checkpoint does not know. */
  readonly clean: boolean;
}

/** How one partition is fetched, and what its fetches prove about idleness (L5); time is that of the last answer, never "now". */
export class Reader {
  readonly machine: Machine;
  readonly endAtAssignment: number;
  readonly stopAt: number;
  held = false;
  /** At or before it a predecessor may have written finals; Infinity until the end recorded at assignment is read. */
  floor: number;
  lastRecordAt: number;
  lastAnswerAt: number;
  readonly #options: ReaderOptions;
  #assignedAt: number;
  #lastRiseAt: number;
  #atEndSince: number | undefined;
  #quietAnswers = 0;
  #catchUp = false;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.machine = options.machine;
    this.stopAt = options.stopAt;
    this.endAtAssignment = Math.min(options.stopAt, options.topic.end(options.machine.partition, options.now));
    this.floor = options.clean ? NEVER : Infinity;
    this.#settleFloor();
    this.lastRecordAt =
      this.lastAnswerAt =
      this.#assignedAt =
      this.#lastRiseAt =
        options.now;
  }

  /** True once the end recorded at assignment has been read. */
  get caughtUp(): boolean {
    return this.machine.position >= this.endAtAssignment;
  }

  /** One fetch: at most `limit` records. */
  fetch(now: number, limit: number): void {
    const { machine } = this, { topic } = this.#options;
    const end = Math.min(topic.end(machine.partition, now), this.stopAt);
    machine.skipTo(Math.min(end, topic.start(machine.partition)));
    const full = this.isFull ? Math.max(...machine.raises.map(({ offset }) => offset)) : Infinity;
    const stop = Math.min(end, machine.position + limit, full);
    for (const entry of topic.entries(machine.partition).slice(machine.position, stop)) {
      if (machine.take(entry)) {
        this.#lastRiseAt = now;
        this.#quietAnswers = 0;
      }
      this.lastRecordAt = now;
      this.#settleFloor();
    }
    if (now > this.lastAnswerAt) this.#quietAnswers++;
    const gap = now - this.lastAnswerAt > 2;
    if (machine.position < end) this.#atEndSince = undefined;
    else if (this.#atEndSince === undefined || gap) this.#atEndSince = now;
    this.lastAnswerAt = now;
  }

  #settleFloor(): void {
    if (this.floor === Infinity && this.caughtUp) this.floor = this.machine.watermark;
  }

  /** L5: as many raises as a commit may carry; not read past the last one until one is dropped. */
  get isFull(): boolean {
    return this.machine.raises.length >= this.#options.rules.maxRaises &&
      this.#options.mutation !== "fullHoldsFrontier";
  }

  /** Idle as L5 says, by what the fetches have shown. */
  isIdle(now: number, state: { readonly paused: boolean; readonly othersBehind: boolean }): boolean {
    const { mutation, rules } = this.#options;
    this.#catchUp = false;
    if (state.paused) return mutation === "pausedIsIdle";
    if (this.machine.replaying) return false;
    if (this.isFull) return true;
    if (this.#atEndSince === undefined) return false;
    const until = mutation === "stallIsIdle" ? now : this.lastAnswerAt;
    const quietFrom = Math.max(this.#atEndSince, this.#lastRiseAt, this.#assignedAt);
    if (until - quietFrom >= rules.idle) return true;
    const settled = this.stopAt !== Infinity || until - this.#assignedAt >= rules.idle;
    this.#catchUp = settled && this.caughtUp && state.othersBehind;
    return this.#catchUp;
  }

  /** The harness's own count: fetches enough for half of `idle` have been answered since the watermark rose, or L5's catch-up rule holds. */
  get provesIdle(): boolean {
    return this.#catchUp || this.isFull || this.#quietAnswers >= this.#options.rules.idle / 2;
  }
}

/** The raise for idle partitions (L5): the lowest watermark of the others, or wall speed when all are idle. */
export function raiseTarget(readers: readonly Reader[], idle: ReadonlySet<number>, options: RaiseOptions): number {
  const { rules } = options;
  const active = readers.filter((reader) => !idle.has(reader.machine.partition));
  if (active.length > 0) return Math.min(...active.map((reader) => reader.machine.watermark));
  const high = options.own?.machine.high ?? Math.max(...readers.map((reader) => reader.machine.high));
  if (high === NEVER || !options.wallSpeed) return NEVER;
  const now = options.now ?? Math.min(...readers.map((reader) => reader.lastAnswerAt));
  const quiet = Math.max(0, now - Math.max(...readers.map((reader) => reader.lastRecordAt)));
  const newest = options.capByHigh ? high : Math.max(high, ...readers.map(({ machine }) => machine.newestPane));
  return Math.min(high + quiet - rules.lateness, newest + rules.window + rules.zeroFill);
}

interface RaiseOptions {
  readonly rules: Rules;
  readonly wallSpeed: boolean;
  /** Nothing past `high` + window + zeroFill: the breach `capByHigh`. */
  readonly capByHigh: boolean;
  /** Only this partition's `high` counts: the breach `ownHighWhenAllIdle`. */
  readonly own: Reader | undefined;
  /** The wall clock instead of the last answers: the breach `stallIsIdle`. */
  readonly now: number | undefined;
}
