/** The work of one worker thread on record batches in memory, step by step, for benches that need no broker. */
import { TransactionDecoder } from "../src/domain/decoder.ts";
import { parseFieldMap } from "../src/domain/field_map.ts";
import { NameTable } from "../src/domain/name_table.ts";
import { UNKNOWN_REGION } from "../src/domain/transaction.ts";
import { TransactionGenerator } from "../src/produce/generator.ts";
import { initialCheckpoint } from "../src/stream/checkpoint.ts";
import { Intake } from "../src/stream/intake.ts";
import { PartitionState } from "../src/stream/partition_state.ts";
import { readBatchHeader } from "../src/stream/record_batch.ts";
import { buildRecordBatch } from "../src/stream/record_batch_builder.ts";
import { RecordRows } from "../src/stream/record_rows.ts";
import { CategoryWindow } from "../src/window/category_window.ts";
import { windowShape } from "../src/window/shape.ts";

const SHAPE = windowShape({ slideMs: 5_000, windowMs: 60_000, latenessMs: 30_000, zeroFillMs: 60_000 });
const MAP = parseFieldMap(undefined);
const START_MS = 1_750_000_000_000;
const CHUNK_RECORDS = 4_096;
const NO_LIMITS = { panes: 1e9, letterBytes: 1e9, valueBytes: 1e6 };

/** A generated value without its region, which its coordinates then tell. */
export function withoutRegion(value: Uint8Array): Uint8Array {
  return new TextEncoder().encode(new TextDecoder().decode(value).replace(/"region":"[^"]*",/, ""));
}

/** Record batches of generated transactions, one buffer each; `edited` says what becomes of a value. */
export function recordBatches(
  records: number,
  perBatch: number,
  edited = (value: Uint8Array): Uint8Array => value,
): readonly ArrayBuffer[] {
  const generator = new TransactionGenerator({ seed: 1, startMs: START_MS, ratePerSecond: 20_000 });
  const made: ArrayBuffer[] = [];
  for (let baseOffset = 0; baseOffset < records; baseOffset += perBatch) {
    const batch = Array.from({ length: Math.min(perBatch, records - baseOffset) }, () => {
      const { value, done } = generator.next();
      if (done) throw new RangeError("Cannot make record batches: the generator has ended");
      return { key: value.key, value: edited(value.value) };
    });
    made.push(buildRecordBatch(batch, { timestampMs: START_MS + 100_000, baseOffset }).slice().buffer);
  }
  return made;
}

/** Copies every byte into one buffer, batch after batch; how many there were. */
export function copyAll(batches: readonly ArrayBuffer[], target: Uint8Array): number {
  let bytes = 0;
  for (const batch of batches) {
    target.set(new Uint8Array(batch));
    bytes += batch.byteLength;
  }
  return bytes;
}

/** Walks every record into rows and decodes them; how many were transactions. */
export function decodeAll(batches: readonly ArrayBuffer[]): number {
  const decoder = newDecoder(), { block } = decoder, records = new RecordRows(block);
  block.module.setMaxValueBytes(block.roomBytes);
  let count = 0;
  for (const buffer of batches) {
    const view = new DataView(buffer);
    records.open(view, readBatchHeader(view, 0));
    for (let taken = records.take(CHUNK_RECORDS); taken > 0; taken = records.take(CHUNK_RECORDS)) {
      block.module.decode(0, taken);
      count += taken - refusedOf(decoder, taken);
    }
  }
  return count;
}

/** Rows that are no transactions, those included that the module left to the decoder. */
function refusedOf(decoder: TransactionDecoder, rows: number): number {
  const { block } = decoder;
  let refused = 0;
  for (let row = 0; row < rows; row++) {
    if (block.statuses[row] !== block.ready && decoder.settle(row) !== undefined) refused++;
  }
  return refused;
}

/** Decodes, decides and counts every record in the windows of its category; how many were counted. */
export function tallyAll(batches: readonly ArrayBuffer[]): number {
  const intake = newIntake();
  const windows = new Map<number, CategoryWindow>();
  let count = 0;
  for (const buffer of batches) {
    intake.open({ buffer, byteLength: buffer.byteLength, aborted: [] });
    for (let progress = intake.run(CHUNK_RECORDS);; progress = intake.run(CHUNK_RECORDS)) {
      count += tallyColumns(intake, windows);
      intake.clear();
      if (progress === "done") break;
    }
  }
  return count;
}

function tallyColumns(intake: Intake, windows: Map<number, CategoryWindow>): number {
  let count = 0;
  for (const id of intake.touched) {
    const columns = intake.columnsOf(id), window = windows.get(id) ?? new CategoryWindow(SHAPE);
    windows.set(id, window);
    window.tally(columns);
    count += columns.length;
  }
  return count;
}

function newDecoder(): TransactionDecoder {
  const categories = new NameTable({ capacity: 1_000 });
  const regions = new NameTable({ capacity: 500, reserved: [UNKNOWN_REGION] });
  return new TransactionDecoder(MAP, { categories, regions });
}

function newIntake(): Intake {
  const checkpoint = initialCheckpoint(0, { ...SHAPE, fieldMap: MAP.hash });
  return new Intake({
    topic: "bench",
    partition: 0,
    slideMs: SHAPE.slideMs,
    decoder: newDecoder(),
    state: new PartitionState(checkpoint, { shape: SHAPE, maxSkewMs: 300_000 }),
    limits: NO_LIMITS,
    poison: new Set(),
  });
}
