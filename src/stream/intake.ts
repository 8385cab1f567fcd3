/**
 * From record batches to columns: the hot loop of a partition.
 *
 * I1. Every offset of a batch is decided exactly once, in order: counted, late, future, invalid or skipped.
 * I2. No object is made per record: bytes become a reused row, a row becomes a line of its category's columns.
 * I3. It stops between records where a bound is reached, and goes on from the same record later.
 */
import { emptyRow, type TransactionDecoder } from "../domain/decoder.ts";
import type { InvalidReason } from "../domain/invalid_reason.ts";
import { Columns } from "../window/columns.ts";
import { paneIndexOf } from "../window/shape.ts";
import { CommittedFilter } from "./committed_filter.ts";
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

/** Offsets to pass over, up to `to`: without records that count, not in the log, or in bytes that cannot be read. */
interface PassOver {
  readonly kind: "uncounted" | "missing" | "damaged";
  readonly to: number;
}

interface Bytes {
  readonly view: DataView<ArrayBuffer>;
  readonly filter: CommittedFilter;
  at: number;
}

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
  #bytes: Bytes | undefined;
  #header: BatchHeader | undefined;
  #over: PassOver | undefined;
  /** The cursor stands on a record that is not decided yet. */
  #hasRecord = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#stopAt = options.stopAt ?? Infinity;
  }

  /** Ids of the categories whose columns hold rows. */
  get touched(): readonly number[] {
    return this.#touched;
  }

  /** Dead letters that are not durable yet, by offset. */
  get letters(): readonly DeadLetter[] {
    return this.#letters;
  }

  /** Whether a fetch is being read. */
  get isOpen(): boolean {
    return this.#bytes !== undefined;
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

  /** Forgets the letters of records before `position`: they are durable. */
  dropLetters(position: number): void {
    this.#letters = this.#letters.filter(({ offset }) => offset >= position);
    this.#letterBytes = this.#letters.reduce((sum, letter) => sum + sizeOf(letter), 0);
  }

  /** Begins with the batches of a fetch. */
  open(fetched: FetchedBatches): void {
    this.close();
    const view = new DataView(fetched.buffer, 0, fetched.byteLength);
    this.#bytes = { view, filter: new CommittedFilter(fetched.aborted), at: 0 };
  }

  /** Lets go of the bytes of the last fetch. */
  close(): void {
    this.#bytes = undefined;
    this.#header = undefined;
    this.#over = undefined;
    this.#hasRecord = false;
  }

  /**
   * Decides about the next records, at most `maxRecords`.
   *
   * @throws {SyntaxError} when the bytes are not whole record batches.
   */
  run(maxRecords: number): IntakeProgress {
    for (let left = maxRecords; left > 0; left--) {
      const found = this.#advance();
      if (found !== "record") return found;
      if (this.#isFull()) return "full";
      this.#decide();
      this.#hasRecord = false;
    }
    return "more";
  }

  #isFull(): boolean {
    const { limits, state } = this.#options;
    // A replay holds what was held before, and no flush could free it before it is over.
    if (state.isReplaying) return state.isRaiseBound;
    return state.isRaiseBound || state.paneCount >= limits.panes || this.#letterBytes >= limits.letterBytes;
  }

  /** Moves to the next record to decide about. */
  #advance(): "record" | "done" | "full" {
    for (;;) {
      if (this.#over !== undefined && !this.#passOver(this.#over)) return "full";
      if (this.#hasRecord) return "record";
      if (this.#options.state.next >= this.#stopAt) return "done";
      if (this.#header === undefined) {
        if (!this.#openBatch()) return "done";
      } else this.#step(this.#header);
    }
  }

  /** Opens the next batch, or finds that something lies before it; false at the end of the bytes. */
  #openBatch(): boolean {
    const bytes = this.#bytes, { state } = this.#options;
    if (bytes === undefined || bytes.at >= bytes.view.byteLength) return false;
    const header = readBatchHeader(bytes.view, bytes.at), { baseOffset, lastOffset } = header;
    if (baseOffset > state.next) {
      this.#over = { kind: "missing", to: baseOffset };
      return true;
    }
    bytes.at = header.nextAt;
    try {
      if (bytes.filter.kindOf(bytes.view, header) === "data") {
        this.#cursor.open(bytes.view, header);
        this.#header = header;
      } else this.#over = { kind: "uncounted", to: lastOffset + 1 };
    } catch (error) {
      this.#damaged(error, header);
    }
    return true;
  }

  /** Steps to the next record of the open batch, or over what lies before it or after the last. */
  #step(header: BatchHeader): void {
    const { state } = this.#options;
    try {
      if (this.#cursor.next()) {
        const { offset } = this.#cursor;
        if (offset > state.next) this.#over = { kind: "missing", to: offset };
        this.#hasRecord = offset >= state.next && offset < this.#stopAt;
        return;
      }
    } catch (error) {
      return this.#damaged(error, header);
    }
    this.#header = undefined;
    this.#over = { kind: "missing", to: header.lastOffset + 1 };
  }

  /** What is left of the batch cannot be read: each of its offsets is dead-lettered, without a value. */
  #damaged(error: unknown, { lastOffset }: BatchHeader): void {
    if (!(error instanceof SyntaxError)) throw error;
    this.#header = undefined;
    this.#over = { kind: "damaged", to: lastOffset + 1 };
  }

  /** Passes over offsets; false at a bound. */
  #passOver({ kind, to }: PassOver): boolean {
    const { state } = this.#options, target = Math.min(to, this.#stopAt);
    while (state.next < target) {
      if (this.#isFull()) return false;
      if (kind === "damaged") this.#refuse({ detail: "batch", offset: state.next, timeMs: undefined, value: null });
      else if (kind === "missing") state.gapTo(Math.min(target, state.boundAt));
      else state.skipTo(Math.min(target, state.boundAt));
    }
    this.#over = undefined;
    return true;
  }

  #decide(): void {
    const { state, decoder, slideMs } = this.#options;
    const cursor = this.#cursor, row = this.#row, { offset, timestampMs, valueStart, valueEnd } = cursor;
    const refused = this.#refusal();
    if (refused !== undefined) return this.#refuse(this.#standing(refused));
    if (!decoder.decode(cursor.view, valueStart, valueEnd, row, timestampMs)) {
      return this.#refuse(this.#standing(row.invalid ?? "json"));
    }
    const isReplay = state.isReplaying;
    const verdict = state.admit(offset, row.occurredAtMs, timestampMs);
    if (verdict === "counted") {
      if (isReplay && state.isClosed(row.occurredAtMs)) return;
      const columns = this.columnsOf(row.categoryId);
      if (columns.length === 0) this.#touched.push(row.categoryId);
      columns.push(paneIndexOf(row.occurredAtMs, slideMs), row);
    } else if (!isReplay) {
      this.#letter(verdict, this.#standing(""));
    }
  }

  /** Why the record is not even looked at; undefined when it is. */
  #refusal(): InvalidReason | undefined {
    const { poison, limits } = this.#options, { offset, valueStart, valueEnd } = this.#cursor;
    if (valueEnd < 0) return "null";
    if (valueEnd - valueStart > limits.valueBytes) return "oversize";
    return poison.size > 0 && poison.has(offset) ? "poison" : undefined;
  }

  #refuse(standing: Standing): void {
    const { state } = this.#options;
    if (!state.isReplaying) this.#letter("invalid", standing);
    state.refuse(standing.offset);
  }

  #standing(detail: string): Standing {
    const { offset, timestampMs } = this.#cursor, value = this.#cursor.value()?.slice() ?? null;
    return { detail, offset, timeMs: timestampMs < 0 ? undefined : timestampMs, value };
  }

  #letter(reason: DeadReason, standing: Standing): void {
    const { topic, partition } = this.#options;
    const letter = { reason, topic, partition, ...standing };
    this.#letters.push(letter);
    this.#letterBytes += sizeOf(letter);
  }
}

type Standing = Pick<DeadLetter, "detail" | "offset" | "timeMs" | "value">;

/** What a letter costs besides its value. */
const LETTER_OVERHEAD_BYTES = 200;

function sizeOf({ value }: DeadLetter): number {
  return LETTER_OVERHEAD_BYTES + (value?.byteLength ?? 0);
}
