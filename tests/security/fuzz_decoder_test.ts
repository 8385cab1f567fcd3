/**
 * The decoder under a million hostile values, and the intake under hostile record batches: never a crash, never a loop.
 *
 * TALLY_SEED replays a run; every failure prints seed and run number.
 */
import assert from "node:assert/strict";
import { customerHashOf, emptyRow, type Row, TransactionDecoder } from "../../src/domain/decoder.ts";
import { parseFieldMap } from "../../src/domain/field_map.ts";
import { NameTable } from "../../src/domain/name_table.ts";
import { decodeTransaction, UNKNOWN_REGION } from "../../src/domain/transaction.ts";
import { initialCheckpoint } from "../../src/stream/checkpoint.ts";
import { Intake } from "../../src/stream/intake.ts";
import { imbalance } from "../../src/stream/ledger.ts";
import { PartitionState } from "../../src/stream/partition_state.ts";
import { crc32c } from "../../src/stream/crc32c.ts";
import { CODECS, HEADER_AT, readBatchHeader } from "../../src/stream/record_batch.ts";
import { buildRecordBatch } from "../../src/stream/record_batch_builder.ts";
import { windowShape } from "../../src/window/shape.ts";
import { Dice, eventText } from "../domain/event_maker.ts";
import { randomRecords } from "../stream/random_records.ts";
import { Mutator } from "./mutator.ts";

const SEED = Number(Deno.env.get("TALLY_SEED") ?? 20_261_122);
const VALUES = 1_000_000;
/** One in so many is held against the oracle. */
const SAMPLE = 10;
const VALUES_PER_DECODER = 12_500;
const BATCHES = 30_000;
/** Offsets that a damaged header may claim; each would be a dead letter. */
const MAX_SPAN = 4_096;

const MAP = parseFieldMap(undefined);
const encoder = new TextEncoder();

function freshDecoder(): TransactionDecoder {
  return new TransactionDecoder(MAP, {
    categories: new NameTable({ capacity: 2 * VALUES_PER_DECODER }),
    regions: new NameTable({ capacity: 2 * VALUES_PER_DECODER, reserved: [UNKNOWN_REGION] }),
  });
}

/** What the oracle says, in the words of a row. */
function expected(value: Uint8Array): Record<string, unknown> {
  const decoded = decodeTransaction(value, MAP, undefined);
  if ("reason" in decoded) return { invalid: decoded.reason };
  const { isFraud, customerId, merchant, lat = NaN, lon = NaN, ...rest } = decoded;
  const customerHash = customerId === undefined ? 0 : customerHashOf(customerId);
  return { ...rest, isFraud: isFraud ? 1 : 0, customerHash, merchantHash: merchantHashOf(merchant), lat, lon };
}

function seen({ categories, regions }: TransactionDecoder, row: Row): Record<string, unknown> {
  if (row.invalid !== undefined) return { invalid: row.invalid };
  const { categoryId, regionId, invalid: _, ...rest } = row;
  return { ...rest, category: categories.nameOf(categoryId), region: regions.nameOf(regionId) };
}

const hasher = freshDecoder();

/** What the module makes of a merchant's text alone. */
function merchantHashOf(merchant: string | undefined): number {
  return merchant === undefined ? 0 : hasher.merchants.keepMerchant(merchant);
}

Deno.test("TransactionDecoder.decode() survives a million damaged, random and odd values, and says of each what the oracle says", () => {
  console.log(`seed ${SEED}`);
  const dice = new Dice(SEED), mutator = new Mutator(dice), row = emptyRow();
  const events = Array.from({ length: 500 }, () => encoder.encode(eventText(dice, MAP)));
  const event = () => events[dice.below(events.length)] ?? new Uint8Array();
  const buffer = new Uint8Array(32_768), view = new DataView(buffer.buffer);
  let decoder = freshDecoder(), taken = 0;
  for (let run = 0; run < VALUES; run++) {
    if (run % VALUES_PER_DECODER === 0) decoder = freshDecoder();
    const kind = dice.next();
    const value = kind < 0.8
      ? mutator.mutated(event(), event())
      : kind < 0.9
      ? mutator.random()
      : mutator.grammatical();
    const start = dice.below(9);
    buffer.set(value, start);
    const isTransaction = decoder.decode(
      { view, valueStart: start, valueEnd: start + value.length, timestampMs: -1 },
      row,
    );
    taken += isTransaction ? 1 : 0;
    if (run % SAMPLE !== 0) continue;
    const message = `seed ${SEED}, run ${run}: ${JSON.stringify(new TextDecoder().decode(value))}`;
    assert.equal(isTransaction, row.invalid === undefined, message);
    assert.deepEqual(seen(decoder, row), expected(value), message);
  }
  console.log(`${VALUES} values, ${taken} of them transactions`);
  assert.ok(taken > VALUES / 50 && taken < VALUES / 2, `${taken} transactions`);
});

/** A partition's state and the intake that feeds it, small bounds and all. */
function intakeOf() {
  const shape = windowShape({ slideMs: 5_000, windowMs: 60_000, latenessMs: 30_000, zeroFillMs: 60_000 });
  const checkpoint = initialCheckpoint(0, { ...shape, fieldMap: "" });
  const state = new PartitionState(checkpoint, { shape, maxSkewMs: 300_000 });
  const decoder = new TransactionDecoder(MAP, {
    categories: new NameTable({ capacity: 10 }),
    regions: new NameTable({ capacity: 10, reserved: [UNKNOWN_REGION] }),
  });
  const limits = { panes: 10_000, letterBytes: 1 << 26, valueBytes: 500 };
  const options = {
    topic: "t",
    partition: 0,
    slideMs: shape.slideMs,
    decoder,
    state,
    limits,
    poison: new Set<number>(),
  };
  return { intake: new Intake(options), state };
}

/** One or two batches of random records, of any codec. */
function batches(dice: Dice): Uint8Array {
  const random = () => dice.next(), parts: Uint8Array[] = [];
  for (let baseOffset = 0, count = 1 + dice.below(2); count > 0; count--) {
    const codec = CODECS[dice.below(CODECS.length)] ?? "none";
    const batch = buildRecordBatch(randomRecords(random), { baseOffset, codec, timestampMs: 1_700_000_000_000 });
    baseOffset = readBatchHeader(new DataView(batch.buffer), 0).lastOffset + 1;
    parts.push(batch);
  }
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

/** Makes the damage look as if it had been there when the batch was written: length and checksum fit. */
function mended(bytes: Uint8Array): void {
  if (bytes.length <= HEADER_AT.attributes) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setInt32(HEADER_AT.batchLength, bytes.length - HEADER_AT.batchLength - 4);
  view.setUint32(HEADER_AT.crc, crc32c(bytes.subarray(HEADER_AT.attributes)));
}

/** Whether some header claims more offsets than a test has time for. */
function claimsTooMuch(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    for (let at = 0; at < bytes.length;) {
      const { baseOffset, lastOffset, nextAt } = readBatchHeader(view, at);
      if (lastOffset - baseOffset > MAX_SPAN) return true;
      at = nextAt;
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return false;
}

Deno.test("Intake survives damaged record batches: every offset is decided once, or the fetch is refused as malformed", () => {
  console.log(`seed ${SEED}`);
  const dice = new Dice(SEED), mutator = new Mutator(dice);
  const sources = Array.from({ length: 300 }, () => batches(dice)).filter(({ length }) => length < 8_000);
  const source = () => sources[dice.below(sources.length)] ?? new Uint8Array();
  let whole = 0, malformed = 0;
  for (let run = 0; run < BATCHES; run++) {
    const bytes = dice.chance(0.95) ? mutator.mutated(source(), source()) : mutator.random();
    if (dice.chance(0.5)) mended(bytes);
    if (claimsTooMuch(bytes)) continue;
    const { intake, state } = intakeOf(), message = `seed ${SEED}, run ${run}`;
    intake.open({ buffer: bytes.slice().buffer, byteLength: bytes.length, aborted: [] });
    try {
      assert.equal(intake.run(100_000), "done", message);
      whole++;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw new assert.AssertionError({ message: `${message}: ${error}` });
      malformed++;
    }
    const { ledger, position } = state.checkpoint(-Infinity);
    assert.equal(imbalance(ledger, position), 0, message);
    assert.equal(intake.letters.length, ledger.late + ledger.future + ledger.invalid, message);
  }
  console.log(`${whole} read to their end, ${malformed} refused`);
  assert.ok(whole > BATCHES / 10 && malformed > BATCHES / 10);
});
