/**
 * A partition as a deterministic machine: which records count, and what must be committed to decide the same again.
 *
 * I1. Equal checkpoint and equal records give equal decisions, whatever the speed, the batches and the clock.
 * I2. The watermark never falls, and rises only by a record that is neither invalid nor future, or by a raise.
 * I3. Offsets before the checkpoint's `position` rebuild panes; they are not entered into the ledger again.
 * I4. `next − ledger.first` = counted + late + future + invalid + skipped once `next` has reached `position`.
 */
import { horizonMs, paneIndexOf, type WindowShape } from "../window/shape.ts";
import { type Checkpoint, MAX_RAISES, type Raise } from "./checkpoint.ts";
import type { DeadReason } from "./dead_letters.ts";

/** What a partition decides about a record. */
export type Verdict = "counted" | Exclude<DeadReason, "invalid">;

/** What `PartitionState` needs besides the checkpoint. */
export interface PartitionStateOptions {
  readonly shape: WindowShape;
  /** An event may be this much ahead of its record's Kafka timestamp. */
  readonly maxSkewMs: number;
}

/** Options of `PartitionState.raise`. */
export interface RaiseOptions {
  /**
   * Whether the raise also ends a gap: only when every partition of the process has reached the end it had when it was
   * assigned, for until then another partition's watermark says nothing about what this one missed.
   */
  readonly coversGap: boolean;
}

/** Where a pane's first counted event stands, and the watermark just before it. */
interface PaneStart {
  readonly offset: number;
  readonly watermarkMs: number;
}

/** The progress of one partition. */
export class PartitionState {
  readonly #shape: WindowShape;
  readonly #maxSkewMs: number;
  readonly #checkpoint: Checkpoint;
  /** Panes that start before it were closed when the checkpoint was made. */
  readonly #closedBeforeMs: number;
  readonly #paneStarts = new Map<number, PaneStart>();
  readonly #ledger: { -readonly [K in keyof Checkpoint["ledger"]]: Checkpoint["ledger"][K] };
  #raises: readonly Raise[];
  #raiseIndex = 0;
  /** Offset of the next raise not yet applied; a number compare a record is all that raises cost. */
  #nextRaiseOffset: number;
  #next: number;
  #watermarkMs: number;
  #highMs: number;
  #sinceMs: number;
  #isUncovered: boolean;
  #lastPane = NaN;
  #newestPane = -Infinity;

  constructor(checkpoint: Checkpoint, options: PartitionStateOptions) {
    this.#shape = options.shape;
    this.#maxSkewMs = options.maxSkewMs;
    this.#checkpoint = checkpoint;
    this.#closedBeforeMs = horizonMs(checkpoint.frontierMs, options.shape);
    this.#ledger = { ...checkpoint.ledger };
    this.#raises = checkpoint.raises;
    this.#nextRaiseOffset = checkpoint.raises[0]?.offset ?? Infinity;
    this.#next = checkpoint.offset;
    this.#watermarkMs = checkpoint.watermarkMs;
    this.#highMs = checkpoint.highMs;
    this.#sinceMs = checkpoint.sinceMs;
    this.#isUncovered = checkpoint.sinceMs === Infinity;
    this.#stepTo(checkpoint.offset);
  }

  /** The next offset to read. */
  get next(): number {
    return this.#next;
  }

  /** Whether records before the checkpoint's position are still to be read again. */
  get isReplaying(): boolean {
    return this.#next < this.#checkpoint.position;
  }

  /** Highest min(event time, Kafka timestamp) seen minus lateness, or a raise; −Infinity before either. */
  get watermarkMs(): number {
    return this.#watermarkMs;
  }

  /** Highest min(event time, Kafka timestamp) seen. */
  get highMs(): number {
    return this.#highMs;
  }

  /** What starts before it is not covered; Infinity while unknown. */
  get sinceMs(): number {
    return this.#isUncovered ? Infinity : this.#sinceMs;
  }

  /** Whether nothing after the checkpoint's frontier needs the pane of an event; only a replay still meets such events. */
  isClosed(occurredAtMs: number): boolean {
    return paneIndexOf(occurredAtMs, this.#shape.slideMs) * this.#shape.slideMs < this.#closedBeforeMs;
  }

  /** How many panes are remembered. */
  get paneCount(): number {
    return this.#paneStarts.size;
  }

  /** The start of the newest pane with a counted event; −Infinity before the first. */
  get newestPaneMs(): number {
    return this.#newestPane * this.#shape.slideMs;
  }

  /** The end of the `count`-th pane with counted events among those that end after `closedMs`; Infinity if there are fewer. */
  paneEndMs(count: number, closedMs: number): number {
    const { slideMs } = this.#shape;
    const open = [...this.#paneStarts.keys()].filter((index) => (index + 1) * slideMs > closedMs);
    const last = open.length < count ? Infinity : open.sort((a, b) => a - b)[count - 1] ?? Infinity;
    return (last + 1) * slideMs;
  }

  /**
   * The offset past which nothing may be read before a raise has been dropped: that of the last one when there are as
   * many as there may be, for only there can it still be replaced. Infinity otherwise.
   */
  get boundAt(): number {
    return this.#raises.length < MAX_RAISES ? Infinity : this.#raises.at(-1)?.offset ?? Infinity;
  }

  /** Whether that offset has been reached. */
  get isRaiseBound(): boolean {
    return this.#next >= this.boundAt;
  }

  /**
   * Decides about the transaction at `offset` and moves past it.
   *
   * @param kafkaMs the record's Kafka timestamp; −1 when it has none
   */
  admit(offset: number, occurredAtMs: number, kafkaMs: number): Verdict {
    this.#moveTo(offset);
    const verdict = this.#judge(offset, occurredAtMs, kafkaMs);
    if (!this.isReplaying) this.#enter(verdict);
    if (verdict !== "future") this.#observe(kafkaMs < 0 ? occurredAtMs : Math.min(occurredAtMs, kafkaMs));
    this.#stepTo(offset + 1);
    return verdict;
  }

  #enter(verdict: Verdict): void {
    if (verdict === "counted") this.#ledger.counted++; // Named, for that is quicker than a look-up by name.
    else this.#ledger[verdict]++;
  }

  /** Enters a record that is not a transaction and moves past it. */
  refuse(offset: number): void {
    this.#moveTo(offset);
    if (!this.isReplaying) this.#ledger.invalid++;
    this.#stepTo(offset + 1);
  }

  /** Passes over control and aborted records up to `offset`. */
  skipTo(offset: number): void {
    if (offset <= this.#next) return;
    const from = Math.max(this.#next, this.#checkpoint.position);
    if (offset > from) this.#ledger.skipped += offset - from;
    this.#stepTo(offset);
  }

  /** Passes over offsets that the log does not have (any longer): what they held is unknown, so coverage starts anew. */
  gapTo(offset: number): void {
    if (offset <= this.#next) return;
    if (this.isReplaying) {
      // What is missing here was once counted, so no event of it is later than the highest one seen by then.
      const { slideMs } = this.#shape;
      const lostUpToMs = this.#checkpoint.highMs + this.#maxSkewMs;
      this.#coverFrom((paneIndexOf(lostUpToMs, slideMs) + 1) * slideMs);
    }
    if (offset > this.#checkpoint.position) this.#isUncovered = true;
    this.skipTo(offset);
  }

  /**
   * Raises the watermark at the next offset. Nothing may be closed by the raise before it is committed.
   *
   * @returns the raise to commit, or undefined when as many are remembered as there may be
   */
  raise(watermarkMs: number, { coversGap }: RaiseOptions): Raise | undefined {
    const others = this.#raises.filter((raise) => raise.offset !== this.#next);
    if (others.length >= MAX_RAISES) return undefined;
    const raise = { offset: this.#next, watermarkMs: Math.max(watermarkMs, this.#watermarkMs) };
    this.#raises = [...others, raise];
    this.#raiseIndex = this.#raises.length;
    this.#nextRaiseOffset = Infinity;
    this.#raiseTo(watermarkMs);
    if (coversGap) this.#cover();
    return raise;
  }

  /** What to commit once everything that ends by `frontierMs` is acknowledged. */
  checkpoint(frontierMs: number): Checkpoint {
    const start = this.#replayStart(frontierMs);
    return {
      ...start,
      position: this.#next,
      highMs: this.#highMs,
      frontierMs,
      sinceMs: this.sinceMs,
      raises: this.#raises.filter((raise) => raise.offset >= start.offset),
      ledger: { ...this.#ledger },
      config: { ...this.#shape, fieldMap: this.#checkpoint.config.fieldMap },
      hasLeft: false,
    };
  }

  /** Forgets panes and raises that nothing after `frontierMs` needs; call it when that frontier is committed. */
  prune(frontierMs: number): void {
    const oldest = horizonMs(frontierMs, this.#shape);
    for (const index of this.#paneStarts.keys()) {
      if (index * this.#shape.slideMs < oldest) this.#paneStarts.delete(index);
    }
    this.#lastPane = NaN;
    const { offset } = this.#replayStart(frontierMs);
    const kept = this.#raises.filter((raise) => raise.offset >= offset);
    this.#raiseIndex -= this.#raises.length - kept.length;
    this.#raises = kept;
  }

  #judge(offset: number, occurredAtMs: number, kafkaMs: number): Verdict {
    if (kafkaMs >= 0 && occurredAtMs > kafkaMs + this.#maxSkewMs) return "future";
    const { slideMs } = this.#shape;
    const pane = paneIndexOf(occurredAtMs, slideMs);
    if ((pane + 1) * slideMs <= this.#watermarkMs) return "late";
    if (pane !== this.#lastPane) {
      this.#lastPane = pane;
      if (pane > this.#newestPane) this.#newestPane = pane;
      if (!this.#paneStarts.has(pane) && !this.isClosed(occurredAtMs)) {
        this.#paneStarts.set(pane, { offset, watermarkMs: this.#watermarkMs });
      }
    }
    return "counted";
  }

  #observe(timeMs: number): void {
    if (timeMs > this.#highMs) this.#highMs = timeMs;
    this.#raiseTo(timeMs - this.#shape.latenessMs);
    if (this.#isUncovered) this.#cover();
  }

  #raiseTo(watermarkMs: number): void {
    if (watermarkMs > this.#watermarkMs) this.#watermarkMs = watermarkMs;
  }

  /**
   * Ends a gap at the watermark. A lost event that was not late may lie one lateness and one slide behind the events
   * around it, which may lie as much behind the highest one, and may be one skew ahead of its Kafka timestamp.
   */
  #cover(): void {
    if (!this.#isUncovered) return;
    this.#isUncovered = false;
    const { slideMs, latenessMs } = this.#shape;
    const sinceMs = this.#watermarkMs + 2 * latenessMs + slideMs + this.#maxSkewMs;
    this.#coverFrom(Math.ceil(sinceMs / slideMs) * slideMs);
  }

  #coverFrom(sinceMs: number): void {
    this.#sinceMs = this.#sinceMs === Infinity ? sinceMs : Math.max(this.#sinceMs, sinceMs);
  }

  /** Offsets between the last record and this one are not in the log. */
  #moveTo(offset: number): void {
    if (offset < this.#next) throw new RangeError(`Cannot go back to offset ${offset}: ${this.#next} is next`);
    if (offset > this.#next) this.gapTo(offset);
  }

  /** Moves on and puts the raises filed up to there into force: they come before the record at their offset. */
  #stepTo(offset: number): void {
    this.#next = offset;
    while (this.#nextRaiseOffset <= offset) {
      this.#raiseTo(this.#raises[this.#raiseIndex]?.watermarkMs ?? -Infinity);
      this.#nextRaiseOffset = this.#raises[++this.#raiseIndex]?.offset ?? Infinity;
    }
  }

  #replayStart(frontierMs: number): { offset: number; watermarkMs: number } {
    const oldest = horizonMs(frontierMs, this.#shape);
    let start = { offset: this.#next, watermarkMs: this.#watermarkMs };
    for (const [index, pane] of this.#paneStarts) {
      if (index * this.#shape.slideMs >= oldest && pane.offset < start.offset) start = pane;
    }
    return { offset: start.offset, watermarkMs: start.watermarkMs };
  }
}
