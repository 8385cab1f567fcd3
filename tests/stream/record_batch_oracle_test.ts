/** Held against the encoder and the decoder of @platformatic/kafka: what it writes we read, what we write it reads. */
import assert from "node:assert/strict";
import { createRecordsBatch, Reader, readRecordsBatch } from "@platformatic/kafka";
import { CODECS, hasValidCrc } from "../../src/stream/record_batch.ts";
import { buildRecordBatch } from "../../src/stream/record_batch_builder.ts";
import { headerOf, plainRecords, viewOf } from "./batch_reading.ts";
import { randomRecords } from "./random_records.ts";
import { seeded, seedOfRun } from "./seeded.ts";

const BASE_MS = 1_700_000_000_000;

Deno.test("buildRecordBatch() writes what another client reads, with every codec", () => {
  const seed = seedOfRun();
  console.log(`seed ${seed}`);
  const random = seeded(seed);
  for (let round = 0; round < 100; round++) {
    const codec = CODECS[round % CODECS.length] ?? "none";
    const batch = buildRecordBatch(randomRecords(random), { timestampMs: BASE_MS, baseOffset: round, codec });
    const theirs = readRecordsBatch(Reader.from(Buffer.from(batch)));
    const read = theirs.records.map((record) => ({
      offset: Number(theirs.firstOffset) + record.offsetDelta,
      timestampMs: Number(theirs.firstTimestamp + record.timestampDelta),
      key: plain(record.key),
      value: plain(record.value),
      headers: Object.fromEntries(record.headers.map(([name, value]) => [`${name}`, `${value}`])),
    }));
    assert.deepEqual(read, plainRecords(batch));
    assert.deepEqual(
      [theirs.lastOffsetDelta + round, Number(theirs.maxTimestamp)],
      [headerOf(batch).lastOffset, headerOf(batch).maxTimestampMs],
    );
  }
});

Deno.test("RecordCursor reads what another client writes, with every codec", () => {
  const seed = seedOfRun();
  console.log(`seed ${seed}`);
  const random = seeded(seed);
  for (let round = 0; round < 100; round++) {
    const records = randomRecords(random).map(({ key, value, timestampMs = BASE_MS }) => ({
      key: Uint8Array.from(key ?? []),
      value: Uint8Array.from(value ?? []),
      // Their encoder writes deltas past 2^31 wrong, and their own decoder does not read them back either.
      timestampMs: BASE_MS + (timestampMs - BASE_MS) % 2 ** 30,
    }));
    const compression = CODECS[round % CODECS.length] ?? "none";
    const writer = createRecordsBatch(
      records.map(({ key, value, timestampMs }) => (
        { topic: "t", key: Buffer.from(key), value: Buffer.from(value), timestamp: BigInt(timestampMs) }
      )),
      { compression },
    );
    const batch = Uint8Array.from(writer.buffer);
    assert.ok(hasValidCrc(viewOf(batch), headerOf(batch)));
    assert.deepEqual(
      plainRecords(batch),
      records.map((record, offset) => ({ offset, ...record, headers: {} })),
    );
  }
});

function plain(bytes: Uint8Array | null): Uint8Array | null {
  return bytes === null ? null : Uint8Array.from(bytes);
}
