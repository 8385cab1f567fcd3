/**
 * What a worker does with a record, step by step: walk, decode, decide, count; CPU time of this thread, totals checked.
 *
 *   deno run -A bench/intake.ts
 *
 * Not measured: fetching, crossing threads, flushes, the store.
 */
import process from "node:process";
import { emptyRow, TransactionDecoder } from "../src/domain/decoder.ts";
import { parseFieldMap } from "../src/domain/field_map.ts";
import { NameTable } from "../src/domain/name_table.ts";
import { UNKNOWN_REGION } from "../src/domain/transaction.ts";
import { TransactionGenerator } from "../src/produce/generator.ts";
import { initialCheckpoint } from "../src/stream/checkpoint.ts";
import { Intake } from "../src/stream/intake.ts";
import { PartitionState } from "../src/stream/partition_state.ts";
import { readBatchHeader } from "../src/stream/record_batch.ts";
import { buildRecordBatch } from "../src/stream/record_batch_builder.ts";
import { RecordCursor } from "../src/stream/record_cursor.ts";
import { CategoryWindow } from "../src/window/category_window.ts";
import { windowShape } from "../src/window/shape.ts";

const RECORDS = 200_000;
const BATCH = 3_700;
const ROUNDS = 7;
const SHAPE = windowShape({ slideMs: 5_000, windowMs: 60_000, latenessMs: 30_000, zeroFillMs: 60_000 });
const MAP = parseFieldMap(undefined);

const batches = makeBatches();
const totalBytes = batches.reduce((sum, { byteLength }) => sum + byteLength, 0);
console.log(
  `${RECORDS} records, ${(totalBytes / RECORDS).toFixed(0)} bytes each with their framing; median of ${ROUNDS} rounds`,
);
report(
  "copy the bytes (baseline)",
  () => batches.reduce((sum, buffer) => sum + buffer.slice(0).byteLength, 0) > 0 ? RECORDS : 0,
);
report("walk the records", walk);
report("walk and decode", decode);
report("walk, decode and decide into columns", () => intake(false));
report("all of it: columns counted by category", () => intake(true));

function makeBatches(): ArrayBuffer[] {
  const generator = new TransactionGenerator({ seed: 1, startMs: 1_750_000_000_000, ratePerSecond: 20_000 });
  const made: ArrayBuffer[] = [];
  for (let baseOffset = 0; baseOffset < RECORDS; baseOffset += BATCH) {
    const records = [];
    for (let index = baseOffset; index < Math.min(RECORDS, baseOffset + BATCH); index++) {
      const { value, done } = generator.next();
      if (!done) records.push({ key: value.key, value: value.value });
    }
    made.push(buildRecordBatch(records, { timestampMs: 1_750_000_100_000, baseOffset }).slice().buffer);
  }
  return made;
}

function walk(): number {
  const cursor = new RecordCursor();
  let count = 0;
  for (const buffer of batches) {
    const view = new DataView(buffer);
    cursor.open(view, readBatchHeader(view, 0));
    while (cursor.next()) count++;
  }
  return count;
}

function decoderOf(): TransactionDecoder {
  const categories = new NameTable({ capacity: 1_000 });
  const regions = new NameTable({ capacity: 500, reserved: [UNKNOWN_REGION] });
  return new TransactionDecoder(MAP, { categories, regions });
}

function decode(): number {
  const cursor = new RecordCursor(), decoder = decoderOf(), row = emptyRow();
  let count = 0;
  for (const buffer of batches) {
    const view = new DataView(buffer);
    cursor.open(view, readBatchHeader(view, 0));
    while (cursor.next()) {
      if (decoder.decode(cursor.view, cursor.valueStart, cursor.valueEnd, row, cursor.timestampMs)) count++;
    }
  }
  return count;
}

function intake(counts: boolean): number {
  const state = new PartitionState(initialCheckpoint(0, { ...SHAPE, fieldMap: MAP.hash }), {
    shape: SHAPE,
    maxSkewMs: 300_000,
  });
  const reader = new Intake({
    topic: "bench",
    partition: 0,
    slideMs: SHAPE.slideMs,
    decoder: decoderOf(),
    state,
    limits: { panes: 1e9, letterBytes: 1e9, valueBytes: 1e6 },
    poison: new Set(),
  });
  const windows = new Map<number, CategoryWindow>();
  let count = 0;
  for (const buffer of batches) {
    reader.open({ buffer, byteLength: buffer.byteLength, aborted: [] });
    for (let progress = reader.run(4_096);; progress = reader.run(4_096)) {
      count += reader.touched.reduce((sum, id) => sum + reader.columnsOf(id).length, 0);
      if (counts) countColumns(reader, windows);
      reader.clear();
      if (progress === "done") break;
    }
  }
  return count;
}

function countColumns(reader: Intake, windows: Map<number, CategoryWindow>): void {
  for (const id of reader.touched) {
    const window = windows.get(id) ?? new CategoryWindow(SHAPE);
    windows.set(id, window);
    window.tally(reader.columnsOf(id));
  }
}

function report(name: string, run: () => number): void {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage().user;
    if (run() !== RECORDS) throw new RangeError(`Cannot trust ${name}: not all records were seen`);
    times.push(process.cpuUsage().user - before);
  }
  const median = times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? NaN;
  console.log(`${name.padEnd(44)} ${(median / RECORDS * 1_000).toFixed(0).padStart(5)} ns/record`);
}
