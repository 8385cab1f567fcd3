/**
 * Takes the records of one batch after another into the rows of a block.
 *
 * I1. It takes and refuses the records that `RecordCursor` takes and refuses; malformed ones end in a SyntaxError after
 *     the records before them were taken.
 * I2. Only records that stand whole in the block's room are taken; the room grows to the largest.
 */
import type { RowBlock } from "../domain/row_block.ts";
import { type BatchHeader, malformed } from "./record_batch.ts";
import { type PackedRecords, recordsOf } from "./record_cursor.ts";

const NO_RECORDS: PackedRecords = { view: new DataView(new ArrayBuffer(0)), start: 0, end: 0 };
/** In place of a batch's append time: every record has its own timestamp. */
const OWN_TIMESTAMPS = -2;

/** The records of a batch, as rows. */
export class RecordRows {
  readonly #block: RowBlock;
  readonly #cut: number;
  #records = NO_RECORDS;
  #left = 0;
  /** The next record: where it stands, and where in the room; there it is up to `#filledTo`. */
  #at = 0;
  #roomAt = 0;
  #filledTo = 0;

  constructor(block: RowBlock) {
    this.#block = block;
    this.#cut = block.module.CUT.value;
  }

  /**
   * Goes to before the first record of a batch.
   *
   * @throws {SyntaxError} when the records cannot be unpacked.
   */
  open(view: DataView, header: BatchHeader): void {
    const { baseOffset, lastOffset, baseTimestampMs, maxTimestampMs, timestampType } = header;
    this.#left = 0;
    this.#records = recordsOf(view, header);
    this.#left = header.recordCount;
    this.#at = this.#records.start;
    this.#roomAt = this.#filledTo = this.#block.roomAt;
    const appendTimestampMs = timestampType === "appendTime" ? maxTimestampMs : OWN_TIMESTAMPS;
    this.#block.module.openBatch(baseTimestampMs, appendTimestampMs, lastOffset - baseOffset);
  }

  /**
   * Takes the next records into rows from 0 on, at most `maxRows`; what was in the rows is lost.
   *
   * @returns how many, 0 after the last
   * @throws {SyntaxError} when the next bytes are no record.
   */
  take(maxRows: number): number {
    const rows = Math.min(maxRows, this.#left, this.#block.capacity);
    if (rows === 0) return this.#finish();
    for (;;) {
      const taken = this.#filledTo > this.#roomAt ? this.#walk(rows) : 0;
      if (taken > 0) return taken;
      this.#fill();
    }
  }

  #walk(rows: number): number {
    const { module } = this.#block, from = this.#roomAt;
    const taken = module.walk(0, rows, from, this.#filledTo, from + this.#records.end - this.#at);
    if (taken === 0 && module.walkEnd.value !== this.#cut) throw malformed(this.#at, "there is no record");
    this.#roomAt = module.walkedTo.value;
    this.#at += this.#roomAt - from;
    this.#left -= taken;
    return taken;
  }

  /** Takes in the bytes from the next record on, more of it than there were. */
  #fill(): void {
    const block = this.#block, { view, end } = this.#records, at = this.#at;
    const here = this.#filledTo - this.#roomAt;
    const wanted = here === 0 ? 1 : block.module.wantedTo.value - this.#roomAt;
    if (at + here >= end) throw malformed(at, "record is cut off");
    if (wanted > block.roomBytes) block.grow(wanted);
    const to = Math.min(end, at + block.roomBytes);
    block.takeIn(view, at, to);
    this.#roomAt = block.roomAt;
    this.#filledTo = block.roomAt + to - at;
  }

  #finish(): number {
    const { end } = this.#records, rest = end - this.#at;
    if (rest !== 0) throw malformed(this.#at, `${rest} bytes follow the last record`);
    return 0;
  }
}
