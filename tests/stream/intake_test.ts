import assert from "node:assert/strict";
import { TransactionDecoder } from "../../src/domain/decoder.ts";
import { parseFieldMap } from "../../src/domain/field_map.ts";
import { NameTable } from "../../src/domain/name_table.ts";
import { UNKNOWN_REGION } from "../../src/domain/transaction.ts";
import { initialCheckpoint, MAX_RAISES } from "../../src/stream/checkpoint.ts";
import { Intake } from "../../src/stream/intake.ts";
import type { IntakeOptions } from "../../src/stream/intake_options.ts";
import { imbalance } from "../../src/stream/ledger.ts";
import { PartitionState } from "../../src/stream/partition_state.ts";
import { CODECS, HEADER_AT } from "../../src/stream/record_batch.ts";
import { type BatchOptions, type BatchRecord, buildRecordBatch } from "../../src/stream/record_batch_builder.ts";
import type { AbortedTransaction } from "../../src/stream/source.ts";
import { windowShape } from "../../src/window/shape.ts";

const SHAPE = windowShape({ slideMs: 5_000, windowMs: 60_000, latenessMs: 30_000, zeroFillMs: 60_000 });
const NOW_MS = 1_750_000_000_000;
const encoder = new TextEncoder();

const textOf = (change: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({ category: "travel", amount: 1, timestamp: NOW_MS, ...change });
const GOOD = textOf();

type Value = string | Uint8Array | null;

function recordOf(value: Value, change: Partial<BatchRecord> = {}): BatchRecord {
  return { key: null, value: typeof value === "string" ? encoder.encode(value) : value, ...change };
}

function batchOf(values: readonly Value[], options: Partial<BatchOptions> = {}): Uint8Array<ArrayBuffer> {
  return buildRecordBatch(values.map((value) => recordOf(value)), { timestampMs: NOW_MS, ...options });
}

/** An intake of partition 3 of `t` that starts at `first`. */
function intakeOf(change: Partial<IntakeOptions> & { readonly first?: number } = {}) {
  const { first = 0, ...options } = change;
  const state = options.state ??
    new PartitionState(initialCheckpoint(first, { ...SHAPE, fieldMap: "" }), { shape: SHAPE, maxSkewMs: 300_000 });
  const decoder = new TransactionDecoder(parseFieldMap(undefined), {
    categories: new NameTable({ capacity: 10 }),
    regions: new NameTable({ capacity: 10, reserved: [UNKNOWN_REGION] }),
  });
  const intake = new Intake({
    topic: "t",
    partition: 3,
    slideMs: SHAPE.slideMs,
    decoder,
    limits: { panes: 1_000, letterBytes: 1 << 24, valueBytes: 1 << 20 },
    poison: new Set(),
    ...options,
    state,
  });
  return { intake, state };
}

function open(intake: Intake, batches: readonly Uint8Array[], aborted: readonly AbortedTransaction[] = []): void {
  const bytes = new Uint8Array(batches.reduce((sum, { length }) => sum + length, 0) + 7); // The buffer may be larger.
  let byteLength = 0;
  for (const batch of batches) {
    bytes.set(batch, byteLength);
    byteLength += batch.length;
  }
  intake.open({ buffer: bytes.buffer, byteLength, aborted });
}

/** What became of the offsets: the ledger without its zeros, and the letters in short. */
function outcome({ intake, state }: ReturnType<typeof intakeOf>) {
  const { ledger, position } = state.checkpoint(-Infinity);
  assert.strictEqual(imbalance(ledger, position), 0);
  const counts = Object.entries(ledger).filter(([key, count]) => key !== "first" && count > 0);
  const letters = intake.letters.map(({ offset, reason, detail }) => `${offset} ${reason} ${detail}`.trim());
  return { next: state.next, ...Object.fromEntries(counts), letters };
}

function readAll(batches: readonly Uint8Array[], change: Parameters<typeof intakeOf>[0] = {}) {
  const pair = intakeOf(change);
  open(pair.intake, batches);
  return { progress: pair.intake.run(Infinity), ...outcome(pair), pair };
}

const INVALID: readonly (readonly [detail: string, value: Value])[] = [
  ["null", null],
  ["empty", ""],
  ["json", "not JSON"],
  ["json", '{"category":"travel","amount":NaN,"timestamp":1}'],
  ["json", GOOD.slice(0, -1)],
  ["encoding", new Uint8Array([0x7b, 0xff, 0x7d])],
  ["encoding", new Uint8Array([...encoder.encode(GOOD.slice(0, -2)), 0xc3, 0x22, 0x7d])],
  ["notObject", "[]"],
  ["notObject", "17"],
  ["category", textOf({ category: undefined })],
  ["category", textOf({ category: "" })],
  ["category", textOf({ category: "x".repeat(129) })],
  ["category", textOf({ category: 7 })],
  ["amount", textOf({ amount: undefined })],
  ["amount", textOf({ amount: "12.34" })],
  ["amount", textOf({ amount: null })],
  ["amount", GOOD.replace(`"amount":1`, `"amount":1e999`)],
  ["timestamp", textOf({ timestamp: "9999-12-31T23:59:59Z" })],
  ["timestamp", textOf({ timestamp: 253_402_300_799_000 })],
  ["timestamp", textOf({ timestamp: "2025-06-15T12:00:00" })],
  ["timestamp", textOf({ timestamp: "yesterday" })],
  ["timestamp", textOf({ timestamp: true })],
  ["isFraud", textOf({ is_fraud: "maybe" })],
];

Deno.test("Intake dead-letters every record that is no transaction, by offset and reason, and counts its neighbours", () => {
  for (const [detail, value] of INVALID) {
    const { progress, pair: _, ...rest } = readAll([batchOf([GOOD, value, GOOD])]);
    assert.deepStrictEqual([progress, rest], [
      "done",
      { next: 3, counted: 2, invalid: 1, letters: [`1 invalid ${detail}`] },
    ], String(value));
  }
});

Deno.test("Intake: a letter is named by topic, partition and offset, and keeps the record's time and bytes as they were", () => {
  const value = encoder.encode("café, not JSON");
  const { intake } = intakeOf();
  const batch = batchOf([GOOD, value]);
  open(intake, [batch]);
  intake.run(Infinity);
  batch.fill(0);
  assert.deepStrictEqual(intake.letters, [
    { reason: "invalid", detail: "json", topic: "t", partition: 3, offset: 1, timeMs: NOW_MS, value },
  ]);
});

Deno.test("Intake counts the events in a second currency of their category, once each", () => {
  const { pair } = readAll([
    batchOf(["USD", "USD", "EUR", undefined, "USD", "EUR"].map((currency) => textOf({ currency }))),
    batchOf([textOf({ currency: "EUR", category: "other" })], { baseOffset: 6 }),
  ]);
  assert.strictEqual(pair.intake.currencies.mixed, 2);
});

Deno.test("Intake.dropLetters() forgets the letters before a position, which are durable, and no other", () => {
  const { intake } = intakeOf();
  open(intake, [batchOf(["x", "x", GOOD, "x"])]);
  intake.run(Infinity);
  intake.dropLetters(1);
  assert.deepStrictEqual(intake.letters.map(({ offset }) => offset), [1, 3]);
  intake.dropLetters(4);
  assert.deepStrictEqual(intake.letters, []);
});

Deno.test("Intake: a value of the largest size counts, one byte more is invalid (oversize)", () => {
  const limits = { panes: 1_000, letterBytes: 1 << 24, valueBytes: 1 << 20 };
  const sized = (bytes: number) => textOf({ merchant: "m".repeat(bytes - textOf({ merchant: "" }).length) });
  const { pair: _, ...rest } = readAll([batchOf([sized(1 << 20), sized((1 << 20) + 1)])], { limits });
  assert.deepStrictEqual(rest, { progress: "done", next: 2, counted: 1, invalid: 1, letters: ["1 invalid oversize"] });
});

Deno.test("Intake: without a timestamp the Kafka timestamp counts; with neither the record is invalid", () => {
  const { pair: _, ...rest } = readAll([
    batchOf([textOf({ timestamp: undefined })]),
    batchOf([textOf({ timestamp: undefined })], { timestampMs: -1, baseOffset: 1 }),
  ]);
  assert.deepStrictEqual(rest, { progress: "done", next: 2, counted: 1, invalid: 1, letters: ["1 invalid timestamp"] });
});

Deno.test("Intake: the Kafka timestamp of append time is the batch's highest, of create time each record's own", () => {
  const records = [recordOf(textOf({ timestamp: NOW_MS + 300_001 })), recordOf(GOOD, { timestampMs: NOW_MS + 1 })];
  for (const [timestampType, letters] of [["createTime", ["0 future"]], ["appendTime", []]] as const) {
    const { letters: found } = readAll([buildRecordBatch(records, { timestampMs: NOW_MS, timestampType })]);
    assert.deepStrictEqual(found, letters, timestampType);
  }
});

Deno.test("Intake: late and future records are decided one by one inside a batch, and lettered as they were", () => {
  const values = [0, -35_001, 300_001, -29_999].map((byMs) => textOf({ timestamp: NOW_MS + byMs }));
  const { pair: _, ...rest } = readAll([batchOf(values)]);
  assert.deepStrictEqual(rest, {
    progress: "done",
    next: 4,
    counted: 2,
    late: 1,
    future: 1,
    letters: ["1 late", "2 future"],
  });
});

Deno.test("Intake: poison offsets are dead-lettered unread", () => {
  const { pair: _, ...rest } = readAll([batchOf([GOOD, GOOD, GOOD])], { poison: new Set([1]) });
  assert.deepStrictEqual(rest, { progress: "done", next: 3, counted: 2, invalid: 1, letters: ["1 invalid poison"] });
});

Deno.test("Intake reads batches of every codec", () => {
  for (const codec of CODECS) {
    const { pair, ...rest } = readAll([batchOf([GOOD, "x", GOOD], { codec })]);
    assert.deepStrictEqual(
      rest,
      { progress: "done", next: 3, counted: 2, invalid: 1, letters: ["1 invalid json"] },
      codec,
    );
    assert.deepStrictEqual(pair.intake.touched.map((id) => pair.intake.columnsOf(id).length), [2], codec);
  }
});

Deno.test("Intake passes over records before the next offset, of a batch that begins earlier", () => {
  const { pair: _, ...rest } = readAll([batchOf(["x", "x", GOOD, GOOD], { baseOffset: 8 })], { first: 10 });
  assert.deepStrictEqual(rest, { progress: "done", next: 12, counted: 2, letters: [] });
});

Deno.test("Intake stops at the offset to stop at, also in the middle of a batch, and counts nothing past it", () => {
  for (const stopAt of [0, 1, 2, 3, 4]) {
    const { pair: _, letters, next, progress } = readAll(
      [batchOf(["x", "x"]), batchOf(["x", "x"], { baseOffset: 2 })],
      { stopAt },
    );
    assert.deepStrictEqual([letters.length, next, progress], [stopAt, stopAt, "done"]);
  }
});

Deno.test("Intake: a bound whose own offset is gone is reached all the same", () => {
  const gapInBatch = buildRecordBatch([recordOf(GOOD, { offsetDelta: 0 }), recordOf(GOOD, { offsetDelta: 4 })], {
    timestampMs: NOW_MS,
  });
  for (const batches of [[gapInBatch], [batchOf([GOOD]), batchOf([GOOD], { baseOffset: 4 })]]) {
    const { pair: _, ...rest } = readAll(batches, { stopAt: 3 });
    assert.deepStrictEqual(rest, { progress: "done", next: 3, counted: 1, skipped: 2, letters: [] });
  }
});

Deno.test("Intake: what a compacted batch no longer has is skipped and uncovers", () => {
  const records = [recordOf(GOOD, { offsetDelta: 1 }), recordOf(GOOD, { offsetDelta: 4 })];
  const { pair, ...rest } = readAll([buildRecordBatch(records, { timestampMs: NOW_MS, baseOffset: 0 })]);
  assert.deepStrictEqual(rest, { progress: "done", next: 5, counted: 2, skipped: 3, letters: [] });
  assert.ok(pair.state.sinceMs > NOW_MS);
});

/** A control batch's key: version 0, then the type (0 abort, 1 commit). */
const marker = (type: number, options: Partial<BatchOptions>) =>
  buildRecordBatch([{ key: new Uint8Array([0, 0, 0, type]), value: new Uint8Array(6) }], {
    timestampMs: NOW_MS,
    transactional: true,
    control: true,
    ...options,
  });

Deno.test("Intake skips control records and aborted transactions, and only those: nothing is uncovered by them", () => {
  const pair = intakeOf();
  const mine = { producerId: 7n, transactional: true }, other = { producerId: 8n, transactional: true };
  open(pair.intake, [
    batchOf([GOOD], { ...mine, baseOffset: 0 }),
    batchOf([GOOD, GOOD], { ...mine, baseOffset: 1 }),
    batchOf([GOOD], { ...other, baseOffset: 3 }),
    batchOf([GOOD], { baseOffset: 4 }),
    marker(0, { ...mine, baseOffset: 5 }),
    batchOf([GOOD], { ...mine, baseOffset: 6 }),
    marker(1, { ...other, baseOffset: 7 }),
  ], [{ producerId: 7n, firstOffset: 1 }]);
  assert.strictEqual(pair.intake.run(Infinity), "done");
  assert.deepStrictEqual(outcome(pair), { next: 8, counted: 4, skipped: 4, letters: [] });
  assert.strictEqual(pair.state.sinceMs, -Infinity);
});

/** The batch with the bytes of its records overwritten from `keep` bytes on. */
function damaged(batch: Uint8Array<ArrayBuffer>, keep: number): Uint8Array<ArrayBuffer> {
  return batch.map((byte, index) => index < 61 + keep ? byte : 0xff);
}

Deno.test("Intake dead-letters no more offsets of a damaged batch than it has records, however wide its range says it is", () => {
  const pair = intakeOf(), bad = damaged(batchOf([GOOD, GOOD]), 0);
  new DataView(bad.buffer).setInt32(HEADER_AT.lastOffsetDelta, 2 ** 31 - 2);
  open(pair.intake, [bad]);
  assert.strictEqual(pair.intake.run(Infinity), "done");
  assert.deepStrictEqual(pair.intake.letters.map(({ offset }) => offset), [0, 1]);
  assert.deepStrictEqual([pair.state.next, pair.state.sinceMs], [2 ** 31 - 1, Infinity]);
});

Deno.test("Intake dead-letters a damaged batch offset by offset, without values, and goes on after it", () => {
  const one = batchOf([GOOD]).length - 61;
  const bad = (keep: number) => damaged(batchOf([GOOD, GOOD, GOOD], { baseOffset: 1 }), keep);
  for (const [keep, counted, letters] of [[0, 2, ["1", "2", "3"]], [one, 3, ["2", "3"]]] as const) {
    const pair = intakeOf();
    open(pair.intake, [batchOf([GOOD]), bad(keep), batchOf([GOOD], { baseOffset: 4 })]);
    assert.strictEqual(pair.intake.run(Infinity), "done");
    const values = pair.intake.letters;
    assert.deepStrictEqual(
      values.map(({ offset, detail, value }) => `${offset} ${detail} ${value}`),
      letters.map((offset) => `${offset} batch null`),
    );
    assert.deepStrictEqual(outcome(pair), {
      next: 5,
      counted,
      invalid: letters.length,
      letters: letters.map((offset) => `${offset} invalid batch`),
    });
  }
});

Deno.test("Intake dead-letters a compressed batch that does not unpack, of every codec", () => {
  for (const codec of CODECS.filter((name) => name !== "none")) {
    const { pair: _, ...rest } = readAll([
      damaged(batchOf([GOOD, GOOD], { codec }), 0),
      batchOf([GOOD], { baseOffset: 2 }),
    ]);
    assert.deepStrictEqual(rest, {
      progress: "done",
      next: 3,
      counted: 1,
      invalid: 2,
      letters: ["0 invalid batch", "1 invalid batch"],
    }, codec);
  }
});

Deno.test("Intake.run() of bytes that are no batch throws, and decides nothing", () => {
  const pair = intakeOf();
  open(pair.intake, [batchOf([GOOD]).slice(0, -1)]);
  assert.throws(() => pair.intake.run(Infinity), SyntaxError);
  assert.strictEqual(pair.state.next, 0);
});

Deno.test("Intake.run() decides at most as many records as asked for, and goes on where it stopped", () => {
  const pair = intakeOf();
  open(pair.intake, [batchOf([GOOD, "x", GOOD]), batchOf([GOOD], { baseOffset: 3 })]);
  const steps = Array.from({ length: 3 }, () => [pair.intake.run(2), pair.state.next]);
  assert.deepStrictEqual(steps, [["more", 2], ["more", 4], ["done", 4]]);
  assert.deepStrictEqual([pair.intake.isOpen, outcome(pair)], [
    true,
    { next: 4, counted: 3, invalid: 1, letters: ["1 invalid json"] },
  ]);
  pair.intake.close();
  assert.strictEqual(pair.intake.isOpen, false);
});

Deno.test("Intake.run() stops at the bound of panes before the record that it cannot hold, and goes on when there is room", () => {
  const values = [0, 1, 2, 3].map((pane) => textOf({ timestamp: NOW_MS + pane * SHAPE.slideMs }));
  const pair = intakeOf({ limits: { panes: 3, letterBytes: 1 << 20, valueBytes: 1 << 20 } });
  open(pair.intake, [batchOf(values)]);
  assert.deepStrictEqual([pair.intake.run(Infinity), pair.state.next], ["full", 3]);
  assert.deepStrictEqual([pair.intake.run(Infinity), pair.state.next], ["full", 3]);
  pair.state.prune(NOW_MS + 1_000_000);
  assert.deepStrictEqual([pair.intake.run(Infinity), pair.state.next], ["done", 4]);
});

Deno.test("Intake.run() stops when letters reach their bound, and goes on when they are taken", () => {
  const value = "x".repeat(300); // A letter costs 200 bytes beside its value.
  for (const [letterBytes, held] of [[1_000, 2], [1_001, 3]] as const) {
    const pair = intakeOf({ limits: { panes: 1_000, letterBytes, valueBytes: 1 << 20 } });
    open(pair.intake, [batchOf([value, value, value, value])]);
    assert.deepStrictEqual([pair.intake.run(Infinity), pair.state.next], ["full", held]);
    assert.strictEqual(pair.intake.letters.length, held);
    pair.intake.dropLetters(pair.state.next);
    assert.deepStrictEqual([pair.intake.run(Infinity), pair.state.next], ["done", 4]);
  }
});

Deno.test("Intake refuses a batch with a wrong checksum when it is to look, and only then", () => {
  const [whole, changed] = [batchOf([GOOD]), batchOf([GOOD, GOOD], { baseOffset: 1 })];
  changed[changed.lastIndexOf("v".charCodeAt(0))] = "w".charCodeAt(0); // Still a transaction, of another category.
  const looking = readAll([whole, changed, batchOf([GOOD], { baseOffset: 3 })], { checksCrcs: true });
  const { pair: _, ...found } = looking;
  assert.deepStrictEqual(found, {
    progress: "done",
    next: 4,
    counted: 2,
    invalid: 2,
    letters: ["1 invalid batch", "2 invalid batch"],
  });
  assert.deepStrictEqual(readAll([whole, changed]).letters, []);
});

Deno.test("Intake: the letters of a damaged batch keep the bound too", () => {
  const pair = intakeOf({ limits: { panes: 1_000, letterBytes: 2_000, valueBytes: 1 << 20 } });
  const batch = damaged(batchOf([GOOD]), 0);
  new DataView(batch.buffer).setInt32(HEADER_AT.lastOffsetDelta, 9_999);
  new DataView(batch.buffer).setInt32(HEADER_AT.recordCount, 10_000);
  open(pair.intake, [batch]);
  assert.strictEqual(pair.intake.run(Infinity), "full");
  assert.ok(pair.intake.letters.length <= 11);
  for (let turns = 0; turns < 2_000 && pair.intake.run(Infinity) === "full"; turns++) {
    pair.intake.dropLetters(pair.state.next);
  }
  assert.strictEqual(pair.state.next, 10_000);
});

/** A partition that holds 64 raises, the last of them where it stands. */
function raiseBound(): PartitionState {
  const { state } = intakeOf();
  state.admit(0, NOW_MS, NOW_MS);
  for (let offset = 1; offset <= MAX_RAISES; offset++) {
    state.raise(NOW_MS + offset, { coversGap: true });
    if (offset < MAX_RAISES) state.refuse(offset);
  }
  return state;
}

Deno.test("Intake reads nothing past the last of 64 raises, not even control, aborted or damaged batches", () => {
  const at = { baseOffset: MAX_RAISES };
  const batches = [
    batchOf([GOOD], at),
    marker(1, { ...at, producerId: 7n }),
    damaged(batchOf([GOOD], at), 0),
    batchOf([GOOD], { baseOffset: MAX_RAISES + 5 }),
  ];
  for (const [index, batch] of batches.entries()) {
    const pair = intakeOf({ state: raiseBound() });
    open(pair.intake, [batch]);
    assert.deepStrictEqual([pair.intake.run(Infinity), pair.state.next], ["full", MAX_RAISES], `batch ${index}`);
  }
});

Deno.test("Intake: a replay counts the same rows and writes no letter again", () => {
  const first = intakeOf();
  const batch = batchOf(["x", GOOD, textOf({ timestamp: NOW_MS - 36_000 }), GOOD]);
  open(first.intake, [batch]);
  first.intake.run(Infinity);
  const checkpoint = { ...first.state.checkpoint(-Infinity), offset: 0 };
  const state = new PartitionState({ ...checkpoint, watermarkMs: -Infinity }, { shape: SHAPE, maxSkewMs: 300_000 });
  const again = intakeOf({ state });
  open(again.intake, [batch, batchOf(["x"], { baseOffset: 4 })]);
  again.intake.run(Infinity);
  assert.deepStrictEqual(again.intake.touched.map((id) => again.intake.columnsOf(id).length), [2]);
  assert.deepStrictEqual(outcome(again), { next: 5, counted: 2, late: 1, invalid: 2, letters: ["4 invalid json"] });
});

Deno.test("Intake.clear() forgets the rows handed over, and the next rows start anew", () => {
  const { intake } = intakeOf();
  open(intake, [batchOf([GOOD, textOf({ category: "grocery_pos" }), GOOD])]);
  intake.run(2);
  assert.strictEqual(intake.touched.length, 2);
  intake.clear();
  assert.deepStrictEqual(intake.touched, []);
  intake.run(Infinity);
  assert.deepStrictEqual(intake.touched.map((id) => intake.columnsOf(id).length), [1]);
});
