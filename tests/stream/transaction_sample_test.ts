import assert from "node:assert/strict";
import { parseFieldMap } from "../../src/domain/field_map.ts";
import { buildRecordBatch } from "../../src/stream/record_batch_builder.ts";
import type { Fetched, FetchedBytes } from "../../src/stream/source.ts";
import { TransactionSample } from "../../src/stream/transaction_sample.ts";
import { ManualClock } from "../fakes/manual_clock.ts";

const text = new TextEncoder();
const event = (fields: Record<string, unknown>) =>
  JSON.stringify({ category: "travel", amount: 12.5, timestamp: 1_000_000_000_000, customer_id: "4532", ...fields });

function fetched(partition: number, values: readonly string[]): FetchedBytes {
  const batch = buildRecordBatch(values.map((value) => ({ key: null, value: text.encode(value) })), { timestampMs: 7 });
  const buffer = batch.buffer.slice(batch.byteOffset, batch.byteOffset + batch.byteLength);
  return {
    kind: "bytes",
    partition,
    buffer,
    byteLength: buffer.byteLength,
    aborted: [],
    endOffset: values.length,
    logStartOffset: 0,
  };
}

function sampler(capacity = 50) {
  const clock = new ManualClock();
  return { clock, sample: new TransactionSample({ clock, fieldMap: parseFieldMap(undefined), capacity }) };
}

Deno.test("TransactionSample.offer() shows one record of a fetch, without who bought", () => {
  const { sample } = sampler();
  sample.offer([fetched(3, [event({ region: "CA", is_fraud: true }), event({})])]);
  assert.deepEqual(sample.take(), [
    {
      partition: 3,
      offset: 0,
      occurredAtMs: 1_000_000_000_000,
      category: "travel",
      region: "CA",
      amount: 12.5,
      isFraud: true,
    },
  ]);
  assert.deepEqual(sample.take(), []);
});

Deno.test("TransactionSample.offer() decodes at most five records a second, and all partitions get their turn", () => {
  const { clock, sample } = sampler();
  for (let ms = 0; ms < 1_000; ms += 10) {
    sample.offer([fetched(0, [event({})]), fetched(1, [event({})])]);
    clock.advance(10);
  }
  assert.deepEqual(sample.take().map(({ partition }) => partition), [0, 1, 0, 1, 0]);
});

Deno.test("TransactionSample keeps capacity samples; one more drops the oldest", () => {
  const { clock, sample } = sampler(2);
  for (const partition of [1, 2, 3]) {
    sample.offer([fetched(partition, [event({})])]);
    clock.advance(200);
  }
  assert.deepEqual(sample.take().map(({ partition }) => partition), [2, 3]);
});

Deno.test("TransactionSample.offer() passes over what is no transaction, and looks again at once", () => {
  const { sample } = sampler();
  const cut: Fetched = { ...fetched(0, [event({})]), byteLength: 40 };
  const gap: Fetched = { kind: "outOfRange", partition: 0, logStartOffset: 5, endOffset: 9 };
  for (const answer of [fetched(0, ["{"]), fetched(0, [""]), cut, gap]) sample.offer([answer]);
  sample.offer([]);
  sample.offer([fetched(9, [event({})])]);
  assert.deepEqual(sample.take().map(({ partition }) => partition), [9]);
});

Deno.test("TransactionSample() refuses to sample nothing", () => {
  const options = { clock: new ManualClock(), fieldMap: parseFieldMap(undefined) };
  for (const bad of [0, -1, NaN]) {
    assert.throws(() => new TransactionSample({ ...options, perSecond: bad }), RangeError);
    assert.throws(() => new TransactionSample({ ...options, capacity: bad }), RangeError);
  }
});
