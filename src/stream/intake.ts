/**
 * From record batches to columns: the hot loop of a partition.
 *
 * I1. Every offset of a batch is decided exactly once, in order: counted, late, future, invalid or skipped.
 * I2. No object is made per record: bytes become a reused row, a row becomes a line of its category's columns.
 * I3. It stops between records where a bound is reached, and goes on from the same record later.
 */
import { emptyRow, type TransactionDecoder } from "../domain/decoder.ts";
import { Columns } from "../window/columns.ts";
import { paneIndexOf } from "../window/shape.ts";
import { type BatchKind, CommittedFilter } from "./committed_filter.ts";
import type { DeadLetter, DeadReason } from "./dead_letters.ts";
import type { PartitionState } from "./partition_state.ts";
import { type BatchHeader, readBatchHeader } from "./record_batch.ts";
import { RecordCursor } from "./record_cursor.ts";
import type { AbortedTransaction } from "./source.ts";

/** Record batches of one fetch, as they cross into the worker. */
export interface FetchedBatches {
  readonly buffer: ArrayBuffer;
  readonly byteLength: number;
  readonly aborted: readonly AbortedTransaction[];
}

/** Bounds of an intake. */
export interface IntakeLimits {
  /** Panes in memory; the rest of a batch waits. */
  readonly panes: number;
  /** Bytes of dead letters not yet handed over; the rest of a batch waits. */
  readonly letterBytes: number;
  /** A larger value is invalid (`oversize`). */
  readonly valueBytes: number;
}

/** What an intake works with. */
export interface IntakeOptions {
  readonly topic: string;
  readonly partition: number;
  readonly slideMs: number;
  readonly decoder: TransactionDecoder;
  readonly state: PartitionState;
  readonly limits: IntakeLimits;
  /** The first offset not to read. @default none */
  readonly stopAt?: number | undefined;
  /** Offsets that crashed their task twice: they are dead-lettered unread. */
  readonly poison: ReadonlySet<number>;
}

/** Where a run ended: at the end of the bytes, after as many records as were asked for, or at a bound. */
export type IntakeProgress = "done" | "more" | "full";

/** Reads one partition's record batches. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #cursor = new RecordCursor();
  readonly #row = emptyRow();
  readonly #columns: Columns[] = [];
  readonly #stopAt: number;
  #touched: number[] = [];
  #letters: DeadLetter[] = [];
  #letterBytes = 0;
  #batches: { readonly view: DataView<ArrayBuffer>; readonly filter: CommittedFilter; at: number } | undefined;
  #header: BatchHeader | undefined;
  #hasRecord = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#stopAt = options.stopAt ?? Infinity;
  }

  /** Ids of the categories whose columns hold rows. */
  get touched(): readonly number[] {
    return this.#touched;
  }

  /** The columns of a category. */
  columnsOf(categoryId: number): Columns {
    return this.#columns[categoryId] ??= new Columns();
  }

  /** Forgets the rows handed over. */
  clear(): void {
    for (const id of this.#touched) this.#columns[id]?.clear();
    this.#touched = [];
  }

  /** The dead letters since the last call. */
  takeLetters(): readonly DeadLetter[] {
    const letters = this.#letters;
    this.#letters = [];
    this.#letterBytes = 0;
    return letters;
  }

  /** Whether a fetch is being read. */
  get isOpen(): boolean {
    return this.#batches !== undefined;
  }

  /** Lets go of the bytes of the last fetch. */
  close(): void {
    this.#batches = undefined;
    this.#header = undefined;
  }

  /** Begins with the batches of a fetch. */
  open(fetched: FetchedBatches): void {
    const view = new DataView(fetched.buffer, 0, fetched.byteLength);
    this.#batches = { view, filter: new CommittedFilter(fetched.aborted), at: 0 };
    this.#header = undefined;
    this.#hasRecord = false;
  }

  /**
   * Decides about the next records, at most `maxRecords`.
   *
   * @throws {SyntaxError} when the bytes are not whole record batches.
   */
  run(maxRecords: number): IntakeProgress {
    for (let left = maxRecords; left > 0; left--) {
      if (!this.#hasRecord && !this.#advance()) return "done";
      if (this.#isFull()) return "full";
      this.#decide();
      this.#hasRecord = false;
    }
    return "more";
  }

  #isFull(): boolean {
    const { limits, state } = this.#options;
    return state.isRaiseBound || state.paneCount >= limits.panes || this.#letterBytes >= limits.letterBytes;
  }

  /** Moves to the next record to decide about; false at the end of the bytes or at the offset to stop at. */
  #advance(): boolean {
    for (;;) {
      if (this.#header === undefined && !this.#openBatch()) return false;
      while (this.#step()) {
        if (this.#cursor.offset >= this.#stopAt) return false;
        if (this.#cursor.offset >= this.#options.state.next) return this.#hasRecord = true;
      }
      this.#closeBatch();
    }
  }

  #openBatch(): boolean {
    const batches = this.#batches;
    if (batches === undefined || batches.at >= batches.view.byteLength) return false;
    const header = readBatchHeader(batches.view, batches.at);
    if (header.baseOffset >= this.#stopAt) return false;
    batches.at = header.nextAt;
    this.#header = header;
    const kind = batches.filter.kindOf(batches.view, header);
    if (kind === "data") this.#openCursor(batches.view, header);
    else this.#skip(kind, header);
    return true;
  }

  #openCursor(view: DataView<ArrayBuffer>, header: BatchHeader): void {
    try {
      this.#cursor.open(view, header);
    } catch (error) {
      this.#refuseRest(error, header);
    }
  }

  #skip(_kind: Exclude<BatchKind, "data">, header: BatchHeader): void {
    const { state } = this.#options;
    if (header.baseOffset > state.next) state.gapTo(header.baseOffset);
    state.skipTo(Math.min(header.lastOffset + 1, this.#stopAt));
    this.#header = undefined;
  }

  #step(): boolean {
    const header = this.#header;
    if (header === undefined) return false;
    try {
      return this.#cursor.next();
    } catch (error) {
      this.#refuseRest(error, header);
      return false;
    }
  }

  /** The batch is damaged from here on: each of its offsets is dead-lettered, without a value. */
  #refuseRest(error: unknown, header: BatchHeader): void {
    if (!(error instanceof SyntaxError)) throw error;
    const { state } = this.#options;
    const end = Math.min(header.lastOffset + 1, this.#stopAt);
    for (let offset = Math.max(state.next, header.baseOffset); offset < end; offset++) {
      if (!state.isReplaying) this.#letter("invalid", { detail: "batch", offset, timeMs: undefined, value: null });
      state.refuse(offset);
    }
    this.#header = undefined;
  }

  /** A compacted batch may end before its last offset: what is missing is a gap. */
  #closeBatch(): void {
    const header = this.#header;
    if (header !== undefined) this.#options.state.gapTo(Math.min(header.lastOffset + 1, this.#stopAt));
    this.#header = undefined;
  }

  #decide(): void {
    const { state, decoder, poison, limits, slideMs } = this.#options;
    const cursor = this.#cursor, row = this.#row, { offset, timestampMs, valueStart, valueEnd } = cursor;
    if (valueEnd < 0) return this.#refuse("null");
    if (valueEnd - valueStart > limits.valueBytes) return this.#refuse("oversize");
    if (poison.has(offset)) return this.#refuse("poison");
    if (!decoder.decode(cursor.view, valueStart, valueEnd, row, timestampMs)) {
      return this.#refuse(row.invalid ?? "json");
    }
    const isReplay = state.isReplaying;
    const verdict = state.admit(offset, row.occurredAtMs, timestampMs);
    if (verdict === "counted") {
      const columns = this.columnsOf(row.categoryId);
      if (columns.length === 0) this.#touched.push(row.categoryId);
      columns.push(paneIndexOf(row.occurredAtMs, slideMs), row);
    } else if (!isReplay) {
      this.#letter(verdict, this.#standing(""));
    }
  }

  #refuse(detail: string): void {
    const { state } = this.#options;
    if (!state.isReplaying) this.#letter("invalid", this.#standing(detail));
    state.refuse(this.#cursor.offset);
  }

  #standing(detail: string): Pick<DeadLetter, "detail" | "offset" | "timeMs" | "value"> {
    const { offset, timestampMs } = this.#cursor;
    return {
      detail,
      offset,
      timeMs: timestampMs < 0 ? undefined : timestampMs,
      value: this.#cursor.value()?.slice() ?? null,
    };
  }

  #letter(reason: DeadReason, standing: Pick<DeadLetter, "detail" | "offset" | "timeMs" | "value">): void {
    const { topic, partition } = this.#options;
    this.#letters.push({ reason, topic, partition, ...standing });
    this.#letterBytes += LETTER_OVERHEAD_BYTES + (standing.value?.byteLength ?? 0);
  }
}

/** What a letter costs besides its value. */
const LETTER_OVERHEAD_BYTES = 200;
