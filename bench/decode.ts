/**
 * What decoding costs: `TransactionDecoder` beside a copy of the same bytes and `JSON.parse` of the same text.
 *
 *     deno run -A bench/decode.ts
 *
 * Every contender reads the same 5,000 canonical events, again and again; sums of what it read are checked against one another. One thread.
 * The decoder walks the record batch around them as well. Not measured: the windows behind it, events that need the oracle.
 */
import assert from "node:assert/strict";
import { systemClock } from "../src/clock.ts";
import { TransactionDecoder } from "../src/domain/decoder.ts";
import { parseFieldMap } from "../src/domain/field_map.ts";
import { NameTable } from "../src/domain/name_table.ts";
import { UNKNOWN_REGION } from "../src/domain/transaction.ts";
import { readBatchHeader } from "../src/stream/record_batch.ts";
import { buildRecordBatch } from "../src/stream/record_batch_builder.ts";
import { RecordRows } from "../src/stream/record_rows.ts";

const EVENTS = 5_000;
const ROUNDS = 200;

/** What every reader must agree on. */
interface Totals {
  readonly amountCents: number;
  readonly fraud: number;
  readonly timeMs: number;
}

/** Events end to end in one buffer, event `i` in bytes `[bounds[i], bounds[i + 1])`. */
interface Events {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly bounds: Uint32Array;
  /** The same events as a record batch. */
  readonly batch: DataView;
  readonly totals: Totals;
}

/** A canonical event. */
function event(index: number, longNumbers: boolean): Record<string, unknown> {
  const spread = Math.imul(index, 0x9e3779b1) >>> 0;
  const degrees = (spread % 1_000_000) / 1e6;
  return {
    transaction_id: `${spread.toString(16).padStart(8, "0")}-4a6f-4d1c-9e2b-${index.toString(16).padStart(12, "0")}`,
    timestamp: new Date(1_790_000_000_000 + index * 37).toISOString(),
    customer_id: `customer-${String(spread % 50_000).padStart(6, "0")}`,
    merchant: `Müller ${index % 300}`,
    category: CATEGORIES[spread % CATEGORIES.length],
    amount: (spread % 50_000) / 100,
    currency: "USD",
    region: REGIONS[spread % REGIONS.length],
    lat: longNumbers ? 37.77 + degrees / 7 : Number((37.77 + degrees).toFixed(6)),
    lon: longNumbers ? -122.4 - degrees / 7 : Number((-122.4 - degrees).toFixed(6)),
    is_fraud: index % 100 === 0,
  };
}

const CATEGORIES = ["grocery_pos", "gas_transport", "misc_net", "shopping_net", "home", "kids_pets", "entertainment"];
const REGIONS = ["CA", "TX", "NY", "FL", "IL", "PA", "OH", "GA", "NC", "MI", "NJ", "VA", "WA"];

function events(longNumbers: boolean): Events {
  const made = Array.from({ length: EVENTS }, (_, index) => event(index, longNumbers));
  const encoded = made.map((one) => new TextEncoder().encode(JSON.stringify(one)));
  const bounds = new Uint32Array(EVENTS + 1);
  encoded.forEach((one, index) => bounds[index + 1] = (bounds[index] ?? 0) + one.length);
  const bytes = new Uint8Array(bounds[EVENTS] ?? 0);
  encoded.forEach((one, index) => bytes.set(one, bounds[index]));
  const batch = buildRecordBatch(encoded.map((value) => ({ key: null, value })), { timestampMs: 1_790_000_000_000 });
  const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
  return { bytes, bounds, batch: view, totals: readByJson({ bytes, bounds }) };
}

function readByJson({ bytes, bounds }: Pick<Events, "bytes" | "bounds">): Totals {
  const utf8 = new TextDecoder();
  let [amountCents, fraud, timeMs] = [0, 0, 0];
  for (let index = 0; index < EVENTS; index++) {
    const one = JSON.parse(utf8.decode(bytes.subarray(bounds[index], bounds[index + 1])));
    amountCents += Math.round(one.amount * 100);
    fraud += one.is_fraud ? 1 : 0;
    timeMs += Date.parse(one.timestamp) - 1_790_000_000_000;
  }
  return { amountCents, fraud, timeMs };
}

function decoderReader(): (given: Events) => Totals {
  const decoder = new TransactionDecoder(parseFieldMap(undefined), {
    categories: new NameTable({ capacity: 1_000 }),
    regions: new NameTable({ capacity: 500, reserved: [UNKNOWN_REGION] }),
  });
  const { block } = decoder, rows = new RecordRows(block);
  block.module.setMaxValueBytes(block.roomBytes);
  return ({ batch }) => {
    let [amountCents, fraud, timeMs] = [0, 0, 0];
    rows.open(batch, readBatchHeader(batch, 0));
    for (let taken = rows.take(EVENTS); taken > 0; taken = rows.take(EVENTS)) {
      block.module.decode(0, taken);
      for (let row = 0; row < taken; row++) {
        if (decoder.settle(row) !== undefined) throw new RangeError(`Cannot trust the decoder: row ${row} is refused`);
        amountCents += Math.round((block.amounts[row] ?? NaN) * 100);
        fraud += block.frauds[row] ?? NaN;
        timeMs += (block.eventTimes[row] ?? NaN) - 1_790_000_000_000;
      }
    }
    assert.equal(decoder.fallbacks, 0);
    return { amountCents, fraud, timeMs };
  };
}

function copyReader(given: Events): (given: Events) => Totals {
  const target = new Uint8Array(given.bytes.length);
  return ({ bytes, totals }) => {
    target.set(bytes);
    return target[target.length - 1] === bytes[bytes.length - 1] ? totals : { amountCents: 0, fraud: 0, timeMs: 0 };
  };
}

/** Nanoseconds an event in the best round; best, for the machine is shared and noise only adds. */
function measure(given: Events, read: (given: Events) => Totals): number {
  let bestMs = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const startMs = systemClock.elapsedMs();
    const totals = read(given);
    bestMs = Math.min(bestMs, systemClock.elapsedMs() - startMs);
    assert.deepStrictEqual(totals, given.totals);
  }
  return bestMs * 1e6 / EVENTS;
}

for (const longNumbers of [false, true]) {
  const given = events(longNumbers);
  const eventBytes = (given.bytes.length / EVENTS).toFixed(0);
  console.log(`${EVENTS} events of ${eventBytes} bytes, coordinates of ${longNumbers ? "16-17 digits" : "6 decimals"}`);
  const copyNs = measure(given, copyReader(given));
  const jsonNs = measure(given, readByJson);
  const decoderNs = measure(given, decoderReader());
  for (const [label, ns] of [["copy", copyNs], ["JSON.parse", jsonNs], ["TransactionDecoder", decoderNs]] as const) {
    const times = (jsonNs / ns).toFixed(1);
    console.log(
      `  ${label.padEnd(20)} ${ns.toFixed(0).padStart(6)} ns  ${(1e3 / ns).toFixed(2).padStart(7)} M/s  ${times}x`,
    );
  }
  console.log(`  totals agree: ${JSON.stringify(given.totals)}`);
}
