import assert from "node:assert/strict";
import { CODECS, hasValidCrc, readBatchHeader, stampBatch, wholeBatchesLength } from "../../src/stream/record_batch.ts";
import { type BatchRecord, buildRecordBatch } from "../../src/stream/record_batch_builder.ts";
import { RecordCursor } from "../../src/stream/record_cursor.ts";
import { headerOf, plainRecords, viewOf } from "./batch_reading.ts";
import { randomRecords } from "./random_records.ts";
import { seeded, seedOfRun } from "./seeded.ts";

const VALUE = new TextEncoder().encode("value");
const RECORD: BatchRecord = { key: null, value: VALUE };

Deno.test("RecordCursor reads back every record that buildRecordBatch() wrote, with every codec", () => {
  const seed = seedOfRun();
  console.log(`seed ${seed}`);
  const random = seeded(seed);
  for (let round = 0; round < 200; round++) {
    const records = randomRecords(random);
    const baseOffset = Math.floor(random() * 2 ** 40);
    const codec = CODECS[round % CODECS.length] ?? "none";
    const batch = buildRecordBatch(records, { timestampMs: 1_700_000_000_000, baseOffset, codec });
    assert.deepEqual(
      plainRecords(batch),
      records.map(({ offsetDelta = 0, timestampMs = 0, key, value, headers = {} }) => (
        { offset: baseOffset + offsetDelta, timestampMs, key, value, headers }
      )),
    );
    assert.ok(hasValidCrc(viewOf(batch), headerOf(batch)));
  }
});

Deno.test("readBatchHeader() tells what buildRecordBatch() was given", () => {
  const batch = buildRecordBatch([RECORD, { ...RECORD, timestampMs: 90, offsetDelta: 7 }], {
    timestampMs: 50,
    baseOffset: 1_000,
    codec: "gzip",
    timestampType: "appendTime",
    producerId: 12n,
    transactional: true,
    control: true,
  });
  assert.deepEqual(headerOf(batch), {
    at: 0,
    nextAt: batch.length,
    baseOffset: 1_000,
    lastOffset: 1_007,
    codec: "gzip",
    timestampType: "appendTime",
    isTransactional: true,
    isControl: true,
    baseTimestampMs: 50,
    maxTimestampMs: 90,
    producerId: 12n,
    recordCount: 2,
  });
});

Deno.test("RecordCursor.next() gives every record the batch's highest timestamp when append time is set", () => {
  const records = [RECORD, { ...RECORD, timestampMs: 90 }];
  const timesOf = (timestampType: "createTime" | "appendTime") =>
    plainRecords(buildRecordBatch(records, { timestampMs: 50, timestampType })).map((record) => record.timestampMs);
  assert.deepEqual([timesOf("createTime"), timesOf("appendTime")], [[50, 90], [90, 90]]);
});

Deno.test("RecordCursor.next() gives -1 where there is no timestamp", () => {
  const timesOf = (timestampType: "createTime" | "appendTime") =>
    plainRecords(buildRecordBatch([RECORD, RECORD], { timestampMs: -1, timestampType })).map((record) =>
      record.timestampMs
    );
  assert.deepEqual([timesOf("createTime"), timesOf("appendTime")], [[-1, -1], [-1, -1]]);
});

Deno.test("RecordCursor.next() takes a timestamp of 64 bits, nearest beyond 2^53, and goes on", () => {
  // The longest varlong: 10 bytes stand for the largest 64-bit integer.
  const delta = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
  const batch = batchOf([record(0, delta, 0), record(0, [0x02], 1)], { recordCount: 2 });
  assert.deepEqual(plainRecords(batch).map((one) => one.timestampMs), [2 ** 63, 1]);
});

Deno.test("RecordCursor.headers() keeps names that objects have already, and reads null as empty", () => {
  const batch = buildRecordBatch([{ ...RECORD, headers: { ["__proto__"]: "p", toString: "t" } }], { timestampMs: 0 });
  const [read] = plainRecords(batch);
  assert.deepEqual(Object.entries(read?.headers ?? {}), [["__proto__", "p"], ["toString", "t"]]);
});

Deno.test("buildRecordBatch() refuses a batch of no records", () => {
  assert.throws(() => buildRecordBatch([], { timestampMs: 0 }), RangeError);
});

Deno.test("stampBatch() gives offset, append time and a checksum that is right, and keeps the records", () => {
  const batch = buildRecordBatch([RECORD, { ...RECORD, timestampMs: 90 }], { timestampMs: 50, codec: "lz4" });
  stampBatch(viewOf(batch), { baseOffset: 2 ** 40, appendTimeMs: 1_234 });
  assert.ok(hasValidCrc(viewOf(batch), headerOf(batch)));
  assert.deepEqual(
    plainRecords(batch),
    [2 ** 40, 2 ** 40 + 1].map((offset) => (
      { offset, timestampMs: 1_234, key: null, value: VALUE, headers: {} }
    )),
  );
});

Deno.test("hasValidCrc() notices a changed byte anywhere after the checksum", () => {
  const batch = buildRecordBatch([RECORD], { timestampMs: 50 });
  for (let at = 21; at < batch.length; at++) {
    const changed = Uint8Array.from(batch);
    changed[at] = (changed[at] ?? 0) ^ 0x40;
    assert.ok(!hasValidCrc(viewOf(changed), headerOf(batch)), `byte ${at}`);
  }
});

Deno.test("wholeBatchesLength() leaves a batch out that is cut off at any byte", () => {
  const one = buildRecordBatch([RECORD], { timestampMs: 0 });
  const two = new Uint8Array([...one, ...one]);
  const lengths = Array.from({ length: two.length + 1 }, (_, length) => wholeBatchesLength(viewOf(two), length));
  assert.deepEqual(lengths, lengths.map((_, length) => Math.floor(length / one.length) * one.length));
});

Deno.test("readBatchHeader() refuses what is no batch, with the byte where it stands", () => {
  const good = buildRecordBatch([RECORD], { timestampMs: 0, baseOffset: 5 });
  const set = (write: (view: DataView) => void) => {
    const bytes = Uint8Array.from(good);
    write(viewOf(bytes));
    return bytes;
  };
  const bad: [string, Uint8Array][] = [
    ["nothing", new Uint8Array(0)],
    ["header cut off", good.subarray(0, 60)],
    ["records cut off", good.subarray(0, good.length - 1)],
    ["length below the header's", set((view) => view.setInt32(8, 48))],
    ["negative length", set((view) => view.setInt32(8, -1))],
    ["format 1", set((view) => view.setInt8(16, 1))],
    ["codec 5", set((view) => view.setInt16(21, 5))],
    ["offset -1", set((view) => view.setBigInt64(0, -1n))],
    ["last offset 2^53", set((view) => view.setBigInt64(0, 2n ** 53n))],
    ["last offset below the first", set((view) => view.setInt32(23, -1))],
    ["negative count", set((view) => view.setInt32(57, -1))],
    ["more records than offsets", set((view) => view.setInt32(57, 2))],
  ];
  for (const [name, bytes] of bad) {
    assert.throws(
      () => readBatchHeader(viewOf(bytes), 0),
      (error) => error instanceof SyntaxError && /^Cannot read record batch: at byte 0, /.test(error.message),
      name,
    );
  }
  const last = set((view) => view.setBigInt64(0, 2n ** 53n - 1n));
  assert.equal(headerOf(last).lastOffset, 2 ** 53 - 1);
});

Deno.test("RecordCursor.next() refuses records that are malformed", () => {
  const plain = record(0, [0], 0);
  const bad: [string, Uint8Array][] = [
    ["length past the end", batchOf([[0x7e]], {})],
    ["negative length", batchOf([[0x01]], {})],
    ["length of 0", batchOf([[0x00]], {})],
    ["number longer than 5 bytes", batchOf([[0xff, 0xff, 0xff, 0xff, 0xff, 0x01]], {})],
    ["number beyond 32 bits", batchOf([[0xfe, 0xff, 0xff, 0xff, 0x7f]], {})],
    ["timestamp longer than 10 bytes", batchOf([record(0, Array(10).fill(0xff).concat(1), 0)], {})],
    ["offset before the batch", batchOf([record(0, [0], -1)], {})],
    ["offset past the batch", batchOf([record(0, [0], 1)], {})],
    ["offset twice", batchOf([plain, plain], { recordCount: 2 })],
    ["key length -2", batchOf([[12, 0, 0, 0, 3, 1, 0]], {})],
    ["key past the record", batchOf([[12, 0, 0, 0, 20, 1, 0]], {})],
    ["no headers", batchOf([[10, 0, 0, 0, 1, 1]], {})],
    ["a record too few", batchOf([plain], { recordCount: 2 })],
    ["bytes behind the last record", batchOf([plain, [0]], {})],
  ];
  for (const [name, bytes] of bad) assert.throws(() => plainRecords(bytes), SyntaxError, name);
  assert.equal(plainRecords(batchOf([plain], {})).length, 1);
});

Deno.test("RecordCursor and readBatchHeader() end in a SyntaxError or in records, whatever bytes are changed", () => {
  const seed = seedOfRun();
  console.log(`seed ${seed}`);
  const random = seeded(seed);
  for (let round = 0; round < 3_000; round++) {
    const codec = CODECS[round % CODECS.length] ?? "none";
    const batch = buildRecordBatch(randomRecords(random), { timestampMs: 0, codec });
    for (let change = 0; change <= random() * 4; change++) {
      batch[Math.floor(random() * batch.length)] = Math.floor(random() * 256);
    }
    assertReadOrRefused(batch, `round ${round}`);
  }
});

Deno.test("RecordCursor.open() starts anew after a batch that was refused or left halfway", () => {
  const good = buildRecordBatch([RECORD, RECORD], { timestampMs: 3 });
  const cursor = new RecordCursor();
  const bad = batchOf([[0x01]], {});
  cursor.open(viewOf(bad), headerOf(bad));
  assert.throws(() => cursor.next(), SyntaxError);
  cursor.open(viewOf(good), headerOf(good));
  cursor.next();
  cursor.open(viewOf(good), headerOf(good));
  assert.deepEqual([cursor.next(), cursor.offset, cursor.next(), cursor.offset, cursor.next(), cursor.next()], [
    true,
    0,
    true,
    1,
    false,
    false,
  ]);
});

function assertReadOrRefused(batch: Uint8Array, round: string): void {
  try {
    assert.ok(plainRecords(batch).length <= batch.length * 300, round);
  } catch (error) {
    assert.ok(error instanceof SyntaxError, `${round}: ${error}`);
  }
}

/** The bytes of a record without key, value and headers. */
function record(attributes: number, timestampDelta: number[], offsetDelta: number): number[] {
  const zigzag = offsetDelta >= 0 ? offsetDelta * 2 : -offsetDelta * 2 - 1;
  const body = [attributes, ...timestampDelta, zigzag, 1, 1, 0];
  return [body.length * 2, ...body];
}

/** A batch whose records are these bytes as they stand. */
function batchOf(records: number[][], { recordCount = 1 }: { readonly recordCount?: number }): Uint8Array {
  const head = buildRecordBatch(Array.from({ length: recordCount }, () => RECORD), { timestampMs: 0 }).subarray(0, 61);
  const batch = new Uint8Array([...head, ...records.flat()]);
  viewOf(batch).setInt32(8, batch.length - 12);
  return batch;
}
