/**
 * From record batches to columns: the hot loop of a partition.
 *
 * I1. Every offset of a batch is decided exactly once, in order: counted, late, future, invalid or skipped.
 * I2. No object is made per record: bytes become rows of the decoder's block, a row becomes a line of its category's columns.
 * I3. It stops between records where a bound is reached, and goes on from the same record later.
 */
import type { InvalidReason } from "../domain/invalid_reason.ts";
import type { RowBlock } from "../domain/row_block.ts";
import { Columns } from "../window/columns.ts";
import { paneIndexOf } from "../window/shape.ts";
import { CommittedFilter } from "./committed_filter.ts";
import { Currencies } from "./currencies.ts";
import type { DeadLetter, DeadReason } from "./dead_letters.ts";
import type { FetchedBatches, IntakeOptions } from "./intake_options.ts";
import { LetterBox, type Standing } from "./letter_box.ts";
import { assertCrc, type BatchHeader, readBatchHeader } from "./record_batch.ts";
import { RecordRows } from "./record_rows.ts";

/** Where a run ended: at the end of the bytes, after as many records as were asked for, or at a bound. */
export type IntakeProgress = "done" | "more" | "full";

/** Offsets to pass over, up to `to`: without records that count, not in the log, or in bytes that cannot be read. */
interface PassOver {
  readonly kind: "uncounted" | "missing" | "damaged";
  readonly to: number;
  /** What lies between `to` and this is not in the log. */
  readonly missingTo?: number;
}

type Bytes = { readonly view: DataView<ArrayBuffer>; readonly filter: CommittedFilter; at: number };

/** Reads one partition's record batches. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #block: RowBlock;
  readonly #records: RecordRows;
  readonly #letters = new LetterBox();
  /** What the counted events were paid in. */
  readonly currencies = new Currencies();
  readonly #columns: Columns[] = [];
  readonly #stopAt: number;
  #touched: number[] = [];
  #bytes: Bytes | undefined;
  #header: BatchHeader | undefined;
  #over: PassOver | undefined;
  /** Rows of the open batch that are not decided yet. */
  #row = 0;
  #rowEnd = 0;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#stopAt = options.stopAt ?? Infinity;
    this.#block = options.decoder.block;
    this.#block.module.setMaxValueBytes(options.limits.valueBytes);
    this.#records = new RecordRows(this.#block);
  }

  /** Ids of the categories whose columns hold rows. */
  get touched(): readonly number[] {
    return this.#touched;
  }

  /** Dead letters that are not durable yet, by offset. */
  get letters(): readonly DeadLetter[] {
    return this.#letters.letters;
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
    this.#letters.dropBefore(position);
  }

  /** Begins with the batches of a fetch. */
  open({ buffer, byteLength, aborted }: FetchedBatches): void {
    this.close();
    this.#bytes = { view: new DataView(buffer, 0, byteLength), filter: new CommittedFilter(aborted), at: 0 };
  }

  /** Lets go of the bytes of the last fetch. */
  close(): void {
    this.#bytes = this.#header = this.#over = undefined;
    this.#row = this.#rowEnd = 0;
  }

  /**
   * Decides about the next records, at most `maxRecords`.
   *
   * @throws {SyntaxError} when the bytes are not whole record batches.
   */
  run(maxRecords: number): IntakeProgress {
    for (let left = maxRecords; left > 0;) {
      const found = this.#advance(left);
      if (found !== "rows") return found;
      const from = this.#row;
      if (!this.#decide(Math.min(this.#rowEnd, from + left))) return "full";
      left -= this.#row - from;
    }
    return "more";
  }

  #isFull(): boolean {
    const { limits, state } = this.#options;
    // A replay holds what was held before, and no flush could free it before it is over.
    if (state.isReplaying) return state.isRaiseBound;
    return state.isRaiseBound || state.paneCount >= limits.panes || this.#letters.byteLength >= limits.letterBytes;
  }

  /** Moves to the next rows to decide about. */
  #advance(maxRows: number): "rows" | "done" | "full" {
    for (;;) {
      while (this.#over !== undefined) if (!this.#passOver(this.#over)) return "full";
      if (this.#options.state.next >= this.#stopAt) return "done";
      if (this.#row < this.#rowEnd) return "rows";
      if (this.#header === undefined) {
        if (!this.#openBatch()) return "done";
      } else this.#take(this.#header, maxRows);
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
      if (this.#options.checksCrcs) assertCrc(bytes.view, header);
      if (bytes.filter.kindOf(bytes.view, header) === "data") {
        this.#records.open(bytes.view, header);
        this.#header = header;
      } else this.#over = { kind: "uncounted", to: lastOffset + 1 };
    } catch (error) {
      this.#damaged(error, header);
    }
    return true;
  }

  /** Takes the next records of the open batch, or finds that it is over. */
  #take(header: BatchHeader, maxRows: number): void {
    let rows = 0;
    try {
      rows = this.#records.take(maxRows);
    } catch (error) {
      return this.#damaged(error, header);
    }
    this.#row = 0;
    this.#rowEnd = rows;
    if (rows > 0) return this.#decode(header.baseOffset);
    this.#header = undefined;
    this.#over = { kind: "missing", to: header.lastOffset + 1 };
  }

  /** Decodes the rows taken, except what would crash again. */
  #decode(baseOffset: number): void {
    const { poison } = this.#options, { module, statuses, offsetDeltas } = this.#block;
    for (let row = 0; poison.size > 0 && row < this.#rowEnd; row++) {
      if (poison.has(baseOffset + (offsetDeltas[row] ?? 0))) statuses[row] = module.ODD.value;
    }
    module.decode(0, this.#rowEnd);
  }

  /**
   * What is left of the batch cannot be read: as many offsets as it has records are dead-lettered, without a value. Its
   * range may be wider, and as wide as damage can make it.
   */
  #damaged(error: unknown, { lastOffset, recordCount }: BatchHeader): void {
    if (!(error instanceof SyntaxError)) throw error;
    const to = Math.min(lastOffset + 1, this.#options.state.next + recordCount);
    this.#header = undefined;
    this.#over = { kind: "damaged", to, missingTo: lastOffset + 1 };
  }

  /** Passes over offsets; false at a bound. */
  #passOver({ kind, to, missingTo = to }: PassOver): boolean {
    const { state } = this.#options, target = Math.min(to, this.#stopAt);
    while (state.next < target) {
      if (this.#isFull()) return false;
      if (kind === "damaged") this.#refuse({ detail: "batch", offset: state.next, timeMs: undefined, value: null });
      else if (kind === "missing") state.gapTo(Math.min(target, state.boundAt));
      else state.skipTo(Math.min(target, state.boundAt));
    }
    this.#over = missingTo > to ? { kind: "missing", to: missingTo } : undefined;
    return true;
  }

  /** Decides about rows up to `end`, or to the first that is not at the next offset; false at a bound. */
  #decide(end: number): boolean {
    const { state } = this.#options,
      { statuses, offsetDeltas, ready } = this.#block,
      base = this.#header?.baseOffset ?? 0;
    for (; this.#row < end; this.#row++) {
      const row = this.#row, offset = base + (offsetDeltas[row] ?? 0);
      if (offset < state.next) continue;
      if (offset > state.next || offset >= this.#stopAt) {
        this.#over = { kind: "missing", to: offset };
        return true;
      }
      if (this.#isFull()) return false;
      const invalid = statuses[row] === ready ? undefined : this.#refusal(row, offset);
      if (invalid === undefined) this.#admit(row, offset);
      else this.#refuse(this.#standing(row, { detail: invalid, offset }));
    }
    return true;
  }

  #admit(row: number, offset: number): void {
    const { state, slideMs } = this.#options, block = this.#block;
    const occurredAtMs = block.eventTimes[row] ?? NaN, isReplay = state.isReplaying;
    const verdict = state.admit(offset, occurredAtMs, block.kafkaTimestamps[row] ?? -1);
    if (verdict === "counted") {
      if (isReplay && state.isClosed(occurredAtMs)) return;
      const categoryId = block.categoryIds[row] ?? 0, columns = this.columnsOf(categoryId);
      if (!isReplay) this.currencies.see(categoryId, block.currencies[row] ?? 0);
      if (columns.length === 0) this.#touched.push(categoryId);
      columns.copy(paneIndexOf(occurredAtMs, slideMs), block, row);
    } else if (!isReplay) {
      this.#letter(verdict, this.#standing(row, { detail: "", offset }));
    }
  }

  /** Why the record of a row that is not ready is no transaction; undefined when it is one. */
  #refusal(row: number, offset: number): InvalidReason | undefined {
    const { poison, limits, decoder } = this.#options, { valueStarts, valueEnds } = this.#block;
    const end = valueEnds[row] ?? -1;
    if (end < 0) return "null";
    if (end - (valueStarts[row] ?? 0) > limits.valueBytes) return "oversize";
    return poison.has(offset) ? "poison" : decoder.settle(row);
  }

  #refuse(standing: Standing): void {
    const { state } = this.#options;
    if (!state.isReplaying) this.#letter("invalid", standing);
    state.refuse(standing.offset);
  }

  #standing(row: number, { detail, offset }: Pick<Standing, "detail" | "offset">): Standing {
    const { bytes, kafkaTimestamps, valueStarts, valueEnds } = this.#block;
    const end = valueEnds[row] ?? -1, timestampMs = kafkaTimestamps[row] ?? -1;
    const timeMs = timestampMs < 0 ? undefined : timestampMs;
    return { detail, offset, timeMs, value: end < 0 ? null : bytes.slice(valueStarts[row], end) };
  }

  #letter(reason: DeadReason, standing: Standing): void {
    this.#letters.add({ reason, topic: this.#options.topic, partition: this.#options.partition, ...standing });
  }
}
