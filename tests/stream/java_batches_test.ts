/**
 * Held against Kafka's own Java code: the batches in `java_batches.json` were written by `MemoryRecords` of
 * kafka-clients 4.3.1, one for each codec, and one each of a transaction, its abort marker and its commit marker.
 */
import assert from "node:assert/strict";
import { CommittedFilter } from "../../src/stream/committed_filter.ts";
import { CODECS, hasValidCrc, readBatchHeader } from "../../src/stream/record_batch.ts";
import { headerOf, plainRecords, viewOf } from "./batch_reading.ts";
import batches from "./java_batches.json" with { type: "json" };

const text = (bytes: Uint8Array | null) => bytes === null ? null : new TextDecoder().decode(bytes);

Deno.test("RecordCursor reads what Kafka's Java code wrote, in every codec", () => {
  const expected = Array.from({ length: 40 }, (_, index) => ({
    offset: 1_000 + index,
    timestampMs: 1_700_000_000_000 + index * 7_919,
    key: `key${index % 3}`,
    value: index % 5 === 4 ? null : `{"category":"grocery_pos","amount":${index}.25}`.repeat(1 + index % 4),
    headers: index % 7 === 0 ? { reason: "late", none: "" } : {},
  }));
  for (const codec of CODECS) {
    const bytes = bytesOf(batches[codec]);
    assert.equal(headerOf(bytes).codec, codec);
    assert.ok(hasValidCrc(viewOf(bytes), headerOf(bytes)), codec);
    assert.deepEqual(
      plainRecords(bytes).map((record) => ({ ...record, key: text(record.key), value: text(record.value) })),
      expected,
      codec,
    );
  }
});

Deno.test("RecordCursor reads what Java's snappy and lz4 packed in several blocks", () => {
  const value = Uint8Array.from({ length: 100_000 }, (_, index) => index / 1_000);
  for (const name of ["snappy of several blocks", "lz4 of several blocks"] as const) {
    assert.deepEqual(plainRecords(bytesOf(batches[name])).map((record) => record.value), [value, value], name);
  }
});

Deno.test("CommittedFilter.kindOf() passes over aborted transactions and control records, as Kafka's consumer does", () => {
  const { transactional, abort, commit } = batches;
  const plain = batches.none;
  const kinds = (producerId: bigint, ...sequence: string[]) => {
    const bytes = new Uint8Array(sequence.flatMap((batch) => [...bytesOf(batch)]));
    const filter = new CommittedFilter([{ producerId, firstOffset: 50 }]);
    const seen: string[] = [];
    for (let at = 0; at < bytes.length;) {
      const header = readBatchHeader(viewOf(bytes), at);
      seen.push(filter.kindOf(viewOf(bytes), header));
      at = header.nextAt;
    }
    return seen;
  };
  assert.deepEqual(kinds(77n, transactional, abort, transactional), ["aborted", "control", "data"]);
  assert.deepEqual(kinds(78n, transactional, abort), ["data", "control"]);
  assert.deepEqual(kinds(77n, transactional, commit, transactional), ["aborted", "control", "aborted"]);
  assert.deepEqual(kinds(77n, plain, transactional), ["data", "aborted"]);
});

Deno.test("CommittedFilter.kindOf() begins an aborted transaction once a batch reaches its first offset, not before", () => {
  const bytes = bytesOf(batches.transactional); // Offset 50.
  const kind = (firstOffset: number) =>
    new CommittedFilter([{ producerId: 77n, firstOffset }]).kindOf(viewOf(bytes), headerOf(bytes));
  assert.deepEqual([kind(0), kind(50), kind(51)], ["aborted", "aborted", "data"]);
});

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.fromBase64(base64);
}
