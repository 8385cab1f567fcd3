import assert from "node:assert/strict";
import { BATCH_HEADER_BYTES } from "../../src/stream/record_batch.ts";
import { type BatchOptions, buildRecordBatch } from "../../src/stream/record_batch_builder.ts";
import { walkRecords } from "../../src/stream/record_walk.ts";
import type { AbortedTransaction } from "../../src/stream/source.ts";

type Batch = Uint8Array<ArrayBuffer>;

function batchOf(count: number, options: Partial<BatchOptions>): Batch {
  const records = Array.from({ length: count }, () => ({ key: null, value: new Uint8Array([1]) }));
  return buildRecordBatch(records, { timestampMs: 0, ...options });
}

function marker(options: Partial<BatchOptions>): Batch {
  return buildRecordBatch([{ key: new Uint8Array(4), value: new Uint8Array(6) }], {
    timestampMs: 0,
    transactional: true,
    control: true,
    ...options,
  });
}

/** The offsets that were shown, and the one after the last batch. */
function walked(batches: readonly Batch[], aborted: readonly AbortedTransaction[] = []) {
  const byteLength = batches.reduce((sum, { length }) => sum + length, 0), bytes = new Uint8Array(byteLength + 7);
  let at = 0;
  for (const batch of batches) {
    bytes.set(batch, at);
    at += batch.length;
  }
  const offsets: number[] = [];
  const next = walkRecords({ buffer: bytes.buffer, byteLength, aborted }, ({ offset }) => offsets.push(offset));
  return { offsets, next };
}

Deno.test("walkRecords() shows every record of every batch in order, and nothing of none", () => {
  assert.deepEqual(walked([batchOf(2, { baseOffset: 5 }), batchOf(1, { baseOffset: 9 })]), {
    offsets: [5, 6, 9],
    next: 10,
  });
  assert.deepEqual(walked([]), { offsets: [], next: undefined });
});

Deno.test("walkRecords() passes over control records and aborted transactions", () => {
  const mine = { producerId: 7n, transactional: true };
  const batches = [
    batchOf(1, { ...mine, baseOffset: 0 }),
    batchOf(1, { baseOffset: 1 }),
    marker({ ...mine, baseOffset: 2 }),
    batchOf(1, { ...mine, baseOffset: 3 }),
  ];
  assert.deepEqual(walked(batches, [{ producerId: 7n, firstOffset: 0 }]), { offsets: [1, 3], next: 4 });
});

Deno.test("walkRecords() passes over what is left of a damaged batch", () => {
  const one = batchOf(1, {}).length - BATCH_HEADER_BYTES;
  const kept = (records: number, batch: Batch) =>
    batch.map((byte, index) => index < BATCH_HEADER_BYTES + records * one ? byte : 0xff);
  const damaged = kept(2, batchOf(3, { baseOffset: 1 })), ruined = kept(0, batchOf(3, { baseOffset: 4 }));
  const after = batchOf(1, { baseOffset: 7 });
  const { offsets, next } = walked([batchOf(1, { baseOffset: 0 }), damaged, ruined, after]);
  assert.deepEqual([offsets, next], [[0, 1, 2, 7], 8]);
});
