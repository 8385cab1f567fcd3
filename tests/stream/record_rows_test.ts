import assert from "node:assert/strict";
import { RowBlock } from "../../src/domain/row_block.ts";
import { CODECS, HEADER_AT, readBatchHeader } from "../../src/stream/record_batch.ts";
import { buildRecordBatch } from "../../src/stream/record_batch_builder.ts";
import { RecordCursor } from "../../src/stream/record_cursor.ts";
import { RecordRows } from "../../src/stream/record_rows.ts";
import { viewOf } from "./batch_reading.ts";
import { randomRecords } from "./random_records.ts";
import { seeded, seedOfRun } from "./seeded.ts";

/** A record as text, for comparing. */
type Line = string;

function blockOf(roomBytes: number): RowBlock {
  const block = new RowBlock();
  block.module.setMaxValueBytes(1 << 30);
  block.grow(roomBytes);
  return block;
}

const hex = (value: Uint8Array | null): string => value === null ? "null" : value.toHex();

/** What `RecordCursor` finds; "malformed" where it gives up. */
function byCursor(view: DataView): readonly Line[] {
  const cursor = new RecordCursor(), lines: Line[] = [];
  try {
    cursor.open(view, readBatchHeader(view, 0));
    while (cursor.next()) lines.push(`${cursor.offset} ${cursor.timestampMs} ${hex(cursor.value())}`);
    return lines;
  } catch (error) {
    assert.ok(error instanceof SyntaxError, String(error));
    return [...lines, "malformed"];
  }
}

/** What `RecordRows` finds, taking at most `maxRows` at once. */
function byRows(view: DataView, block: RowBlock, maxRows: number): readonly Line[] {
  const records = new RecordRows(block), header = readBatchHeader(view, 0), lines: Line[] = [];
  try {
    records.open(view, header);
    for (let taken = records.take(maxRows); taken > 0; taken = records.take(maxRows)) {
      const { bytes, offsetDeltas, kafkaTimestamps, valueStarts, valueEnds } = block;
      for (let row = 0; row < taken; row++) {
        const end = valueEnds[row] ?? -1, value = end < 0 ? null : bytes.slice(valueStarts[row], end);
        lines.push(`${header.baseOffset + (offsetDeltas[row] ?? -1)} ${kafkaTimestamps[row]} ${hex(value)}`);
      }
    }
    return lines;
  } catch (error) {
    assert.ok(error instanceof SyntaxError, String(error));
    return [...lines, "malformed"];
  }
}

Deno.test("RecordRows finds what RecordCursor finds, whatever the codec, the room and how many rows are taken at once", () => {
  const seed = seedOfRun(), random = seeded(seed);
  for (let run = 0; run < 400; run++) {
    const codec = CODECS[run % CODECS.length] ?? "none";
    const view = viewOf(
      buildRecordBatch(randomRecords(random), { baseOffset: run, codec, timestampMs: 1_700_000_000_000 }),
    );
    const found = byRows(view, blockOf(1 + Math.floor(random() * 300)), 1 + Math.floor(random() * 40));
    assert.deepStrictEqual(found, byCursor(view), `seed ${seed}, run ${run}`);
  }
});

Deno.test("RecordRows gives up where RecordCursor gives up, after the same records", () => {
  const seed = seedOfRun(), random = seeded(seed), block = blockOf(200);
  let malformed = 0;
  for (let run = 0; run < 20_000; run++) {
    const bytes = Uint8Array.from(buildRecordBatch(randomRecords(random), { timestampMs: 1_700_000_000_000 }));
    const view = viewOf(bytes);
    for (let times = Math.floor(random() * 3); times >= 0; times--) {
      const at = 61 + Math.floor(random() * (bytes.length - 61));
      if (at < bytes.length) bytes[at] = Math.floor(random() * 256);
    }
    if (random() < 0.2) {
      view.setInt32(HEADER_AT.recordCount, 1 + Math.floor(random() * (view.getInt32(HEADER_AT.lastOffsetDelta) + 1)));
    }
    const wanted = byCursor(view);
    if (wanted.at(-1) === "malformed") malformed++;
    assert.deepStrictEqual(byRows(view, block, 1 + Math.floor(random() * 5)), wanted, `seed ${seed}, run ${run}`);
  }
  assert.ok(malformed > 2_000 && malformed < 19_000, `${malformed} malformed`);
});

Deno.test("RecordRows takes a record larger than its room, which grows to it", () => {
  const block = blockOf(64), value = new Uint8Array(300_000).fill(7);
  const view = viewOf(buildRecordBatch([{ key: null, value: null }, { key: null, value }], { timestampMs: 1 }));
  assert.deepStrictEqual(byRows(view, block, 10), byCursor(view));
  assert.ok(block.roomBytes >= 300_000 && block.roomBytes < 300_100, String(block.roomBytes));
});
