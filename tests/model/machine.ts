import { type Checkpoint, type Ledger, type Raise } from "./checkpoint.ts";
import { horizonOf, type Mutation, NEVER, paneAfter, paneOf, type Rules } from "./rules.ts";
import type { Entry } from "./topic.ts";

/** Why a record went to the dead letters. */
export type Reason = "late" | "future" | "invalid";

/** One pane of one category in one partition. */
export interface Pane {
  readonly category: number;
  readonly start: number;
  count: number;
  /** First counted record, and the watermark just before it: where a replay must start to rebuild this pane. */
  readonly firstOffset: number;
  readonly watermarkBefore: number;
}

/** What a record was judged to be; the harness alone reads it. */
export interface Verdict {
  readonly offset: number;
  readonly as: Reason | "counted";
  readonly replayed: boolean;
}

/** Everything a flush needs of one partition, taken at one instant. */
export interface Summary {
  readonly partition: number;
  readonly position: number;
  readonly watermark: number;
  readonly high: number;
  readonly since: number | undefined;
  readonly replaying: boolean;
  readonly raises: readonly Raise[];
  readonly ledger: Ledger;
  readonly letters: ReadonlyMap<number, Reason>;
  readonly panes: readonly Pane[];
}

/** What a machine is made from. */
export interface MachineOptions {
  readonly partition: number;
  readonly checkpoint: Checkpoint;
  readonly rules: Rules;
  readonly mutation: Mutation | undefined;
  /** `since` is never below it: the frontier of the other partitions when this one begins anew among them. */
  readonly sinceFloor: number;
}

/** L2: a partition as a deterministic machine. Its inputs are records, gaps and raises; it knows no clock. */
export class Machine {
  readonly partition: number;
  position: number;
  watermark: number;
  high: number;
  since: number | undefined;
  readonly replayTo: number;
  readonly verdicts: Verdict[] = [];
  #raises: Raise[];
  #ledger: Ledger;
  #letters = new Map<number, Reason>();
  readonly #panes = new Map<string, Pane>();
  readonly #rules: Rules;
  readonly #mutation: Mutation | undefined;
  readonly #sinceFloor: number;

  constructor(options: MachineOptions) {
    const { checkpoint } = options;
    this.partition = options.partition;
    this.#rules = options.rules;
    this.#mutation = options.mutation;
    this.position = checkpoint.offset;
    this.watermark = checkpoint.watermark;
    this.high = checkpoint.high;
    this.since = checkpoint.since;
    this.replayTo = checkpoint.position;
    this.#raises = options.mutation === "raiseLost" ? [] : [...checkpoint.raises];
    this.#ledger = checkpoint.ledger;
    this.#sinceFloor = options.sinceFloor;
    if (this.#sinceFloor !== NEVER) this.#sinceAtLeast(this.#sinceFloor);
    this.#applyRaises();
  }

  /** True until every record before the checkpoint's position has been read again. */
  get replaying(): boolean {
    return this.position < this.replayTo;
  }

  /** Start of the newest pane with a counted record; NEVER when none is kept. */
  get newestPane(): number {
    return Math.max(NEVER, ...[...this.#panes.values()].map(({ start }) => start));
  }

  /** Raises not yet behind the replay offset. */
  get raises(): readonly Raise[] {
    return this.#raises;
  }

  /** The offsets [position, to) are gone: retention or an operator took them. */
  skipTo(to: number): void {
    if (to <= this.position) return;
    const inReplay = to <= this.replayTo;
    const unseen = to - Math.max(this.position, this.replayTo);
    if (unseen > 0) this.#ledger = { ...this.#ledger, skipped: this.#ledger.skipped + unseen };
    this.position = to;
    this.#applyRaises();
    if (this.#mutation === "gapIgnored") return;
    if (inReplay) this.#sinceAtLeast(this.high + this.#skew + 1);
    else this.since = undefined;
  }

  /** Reads the next record; true when it raised the watermark. */
  take(entry: Entry): boolean {
    this.skipTo(entry.offset);
    const before = this.watermark;
    const replayed = entry.offset < this.replayTo;
    if (entry.kind === "control") this.#book("skipped", replayed);
    else this.#judge(entry, replayed);
    this.position = entry.offset + 1;
    this.#applyRaises();
    if (this.since === undefined && this.watermark > before) this.#settleSince();
    return this.watermark > before;
  }

  /** A raise is an input like a record: it takes effect at the position where it is applied. */
  raise(raise: Raise, settlesSince: boolean): void {
    this.#raises = withRaise(this.#raises, raise);
    this.#applyRaises();
    if (this.since === undefined && settlesSince) this.#settleSince();
  }

  /** The state at this instant, copied. */
  summary(): Summary {
    return {
      partition: this.partition,
      position: this.position,
      watermark: this.watermark,
      high: this.high,
      since: this.since,
      replaying: this.replaying,
      raises: [...this.#raises],
      ledger: this.#ledger,
      letters: new Map(this.#letters),
      panes: [...this.#panes.values()].map((pane) => ({ ...pane })),
    };
  }

  /** Forgets what the commit of `summary` has made durable. */
  committed(summary: Summary, checkpoint: Checkpoint): void {
    const horizon = horizonOf(checkpoint.frontier, this.#rules);
    for (const [key, pane] of this.#panes) if (pane.start < horizon) this.#panes.delete(key);
    for (const offset of summary.letters.keys()) this.#letters.delete(offset);
    this.#raises = this.#raises.filter((raise) => raise.offset >= checkpoint.offset);
  }

  get #skew(): number {
    return this.#mutation === "sinceWithoutSkew" ? 0 : this.#rules.maxSkew;
  }

  #judge(entry: Entry, replayed: boolean): void {
    const { maxSkew, slide, lateness } = this.#rules;
    const start = paneOf(entry.event, this.#rules);
    const future = entry.event > entry.at + maxSkew;
    if (entry.kind === "invalid") this.#bury(entry, "invalid", replayed);
    else if (future) this.#bury(entry, "future", replayed);
    else if (start + slide <= this.watermark) this.#bury(entry, "late", replayed);
    else this.#count(entry, start, replayed);
    if (entry.kind === "invalid" || (future && this.#mutation !== "futureMovesWatermark")) return;
    const time = this.#mutation === "futureMovesWatermark" ? entry.event : Math.min(entry.event, entry.at);
    this.high = Math.max(this.high, time);
    this.watermark = Math.max(this.watermark, time - lateness);
  }

  #count(entry: Entry, start: number, replayed: boolean): void {
    const key = `${entry.category}|${start}`;
    const pane = this.#panes.get(key) ??
      { category: entry.category, start, count: 0, firstOffset: entry.offset, watermarkBefore: this.watermark };
    pane.count++;
    this.#panes.set(key, pane);
    this.#book("counted", replayed);
    this.verdicts.push({ offset: entry.offset, as: "counted", replayed });
  }

  #bury(entry: Entry, reason: Reason, replayed: boolean): void {
    this.#book(reason, replayed);
    if (!replayed || this.#mutation === "lettersOnReplay") this.#letters.set(entry.offset, reason);
    this.verdicts.push({ offset: entry.offset, as: reason, replayed });
  }

  #book(column: keyof Omit<Ledger, "first">, replayed: boolean): void {
    if (replayed && this.#mutation !== "forgetLedgerOnReplay") return;
    this.#ledger = { ...this.#ledger, [column]: this.#ledger[column] + 1 };
  }

  #applyRaises(): void {
    for (const raise of this.#raises) {
      if (raise.offset <= this.position) this.watermark = Math.max(this.watermark, raise.watermark);
    }
  }

  #settleSince(): void {
    const { lateness, slide } = this.#rules;
    const slack = this.#mutation === "sinceWithoutSlide" ? 0 : slide;
    this.since = NEVER;
    this.#sinceAtLeast(Math.max(this.#sinceFloor, this.watermark + 2 * lateness + slack + this.#skew));
  }

  #sinceAtLeast(time: number): void {
    if (this.since !== undefined) this.since = Math.max(this.since, paneAfter(time, this.#rules));
  }
}

/** `raises` with one more; a second one at the same offset replaces the first (L5). */
export function withRaise(raises: readonly Raise[], raise: Raise): Raise[] {
  return [...raises.filter(({ offset }) => offset !== raise.offset), raise];
}
