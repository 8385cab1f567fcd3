/**
 * What a worker does with a record, step by step: walk, decode, decide, count; CPU time of this thread, totals checked.
 *
 *   deno run -A bench/intake.ts
 *
 * The rounds of all steps are interleaved and the best of each counts: the machine is shared, and noise only adds.
 * Not measured: fetching, crossing threads, actors' messages, flushes, the store.
 */
import process from "node:process";
import { TransactionDecoder } from "../src/domain/decoder.ts";
import { parseFieldMap } from "../src/domain/field_map.ts";
import { NameTable } from "../src/domain/name_table.ts";
import { UNKNOWN_REGION } from "../src/domain/transaction.ts";
import { initialCheckpoint } from "../src/stream/checkpoint.ts";
import { Intake } from "../src/stream/intake.ts";
import { PartitionState } from "../src/stream/partition_state.ts";
import { readBatchHeader } from "../src/stream/record_batch.ts";
import { RecordCursor } from "../src/stream/record_cursor.ts";
import { RecordRows } from "../src/stream/record_rows.ts";
import { CategoryWindow } from "../src/window/category_window.ts";
import { windowShape } from "../src/window/shape.ts";
import { copyAll, recordBatches, withoutRegion } from "./workload.ts";

const RECORDS = 200_000;
const BATCH = 3_700;
const CHUNK = 4_096;
const ROUNDS = 15;
const SHAPE = windowShape({ slideMs: 5_000, windowMs: 60_000, latenessMs: 30_000, zeroFillMs: 60_000 });
const MAP = parseFieldMap(undefined);

const batches = recordBatches(RECORDS, BATCH);
const unplaced = recordBatches(RECORDS, BATCH, withoutRegion);
const target = new Uint8Array(Math.max(...batches.map(({ byteLength }) => byteLength)));

/** Every step does what the one before it does, and more. */
const STEPS: readonly (readonly [name: string, run: () => number])[] = [
  ["copy the bytes (baseline)", () => copyAll(batches, target) > 0 ? RECORDS : 0],
  ["walk the records, in JavaScript", cursor],
  ["walk the records into rows", () => rows(false)],
  ["walk and decode", () => rows(true)],
  ["walk, decode and decide into columns", () => intake(false)],
  ["all of it: columns counted by category", () => intake(true)],
  ["all of it, regions told by coordinates", () => intake(true, unplaced)],
];

function cursor(): number {
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

function rows(decodes: boolean): number {
  const decoder = decoderOf(), { block } = decoder, records = new RecordRows(block);
  block.module.setMaxValueBytes(block.roomBytes);
  let count = 0;
  for (const buffer of batches) {
    const view = new DataView(buffer);
    records.open(view, readBatchHeader(view, 0));
    for (let taken = records.take(CHUNK); taken > 0; taken = records.take(CHUNK)) {
      count += decodes ? decoded(decoder, taken) : taken;
    }
  }
  return count;
}

function decoded(decoder: TransactionDecoder, rows: number): number {
  decoder.block.module.decode(0, rows);
  let count = 0;
  for (let row = 0; row < rows; row++) if (decoder.settle(row) === undefined) count++;
  return count;
}

function intake(counts: boolean, from = batches): number {
  const checkpoint = initialCheckpoint(0, { ...SHAPE, fieldMap: MAP.hash });
  const reader = new Intake({
    topic: "bench",
    partition: 0,
    slideMs: SHAPE.slideMs,
    decoder: decoderOf(),
    state: new PartitionState(checkpoint, { shape: SHAPE, maxSkewMs: 300_000 }),
    limits: { panes: 1e9, letterBytes: 1e9, valueBytes: 1e6 },
    poison: new Set(),
  });
  const windows = new Map<number, CategoryWindow>();
  let count = 0;
  for (const buffer of from) {
    reader.open({ buffer, byteLength: buffer.byteLength, aborted: [] });
    for (let progress = reader.run(CHUNK);; progress = reader.run(CHUNK)) {
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

const best = STEPS.map(() => Infinity);
for (let round = 0; round < ROUNDS; round++) {
  STEPS.forEach(([name, run], step) => {
    const before = process.cpuUsage().user;
    if (run() !== RECORDS) throw new RangeError(`Cannot trust ${name}: not all records were seen`);
    best[step] = Math.min(best[step] ?? Infinity, process.cpuUsage().user - before);
  });
}
const bytes = batches.reduce((sum, { byteLength }) => sum + byteLength, 0) / RECORDS;
console.log(`${RECORDS} records, ${bytes.toFixed(0)} bytes each with their framing; best of ${ROUNDS} rounds`);
STEPS.forEach(([name], step) => {
  const ns = (best[step] ?? NaN) / RECORDS * 1_000;
  console.log(`${name.padEnd(44)} ${ns.toFixed(0).padStart(5)} ns/record`);
});
