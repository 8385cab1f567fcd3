/**
 * The byte decoder against its oracle: whatever the bytes, the same transaction to the bit, or the same reason.
 *
 * TALLY_SEED replays a run; every failure prints seed, run number, mapping and value.
 */
import assert from "node:assert/strict";
import { customerHashOf, emptyRow, type Row, TransactionDecoder } from "../../src/domain/decoder.ts";
import { type FieldMap, parseFieldMap } from "../../src/domain/field_map.ts";
import type { InvalidReason } from "../../src/domain/invalid_reason.ts";
import { NameTable } from "../../src/domain/name_table.ts";
import { decodeTransaction, UNKNOWN_REGION } from "../../src/domain/transaction.ts";
import { readBatchHeader } from "../../src/stream/record_batch.ts";
import { buildRecordBatch } from "../../src/stream/record_batch_builder.ts";
import { RecordRows } from "../../src/stream/record_rows.ts";
import { damaged, Dice, eventText, numeralOf } from "../domain/event_maker.ts";

const SEED = Number(Deno.env.get("TALLY_SEED") ?? 20_260_601);
const RUNS = 100_000;
const RUNS_PER_DECODER = 4_000;

const MAPS = [
  undefined,
  "amount=amt,timestamp=unix_time,region=state,lat=merch_lat,lon=merch_long,customer_id=cc_num",
  "lat=lon,lon=lat,amount=currency,merchant=amount",
  "customer_id=amount,region=category,timestamp=timestamp",
  'amount=a"b,category=caté,region=back\\slash,customer_id=__proto__,is_fraud=f,lat=x y',
] as const;

function decoderFor(map: FieldMap): TransactionDecoder {
  return new TransactionDecoder(map, {
    categories: new NameTable({ capacity: 2 * RUNS_PER_DECODER }),
    regions: new NameTable({ capacity: 2 * RUNS_PER_DECODER, reserved: [UNKNOWN_REGION] }),
  });
}

/** A row with names in place of ids, or the reason. */
function seen(decoder: TransactionDecoder, row: Row): Record<string, unknown> {
  if (row.invalid !== undefined) return { reason: row.invalid };
  const { categoryId, regionId, invalid: _, ...rest } = row;
  return { ...rest, category: decoder.categories.nameOf(categoryId), region: decoder.regions.nameOf(regionId) };
}

function expected(value: Uint8Array, map: FieldMap, kafkaTimestampMs: number): Record<string, unknown> {
  const decoded = decodeTransaction(value, map, kafkaTimestampMs < 0 ? undefined : kafkaTimestampMs);
  if ("reason" in decoded) return { ...decoded };
  const { isFraud, customerId, merchant, lat = NaN, lon = NaN, ...rest } = decoded;
  const customerHash = customerId === undefined ? 0 : customerHashOf(customerId);
  return { ...rest, isFraud: isFraud ? 1 : 0, customerHash, merchantHash: merchantHashOf(merchant), lat, lon };
}

const hasher = decoderFor(parseFieldMap(undefined));

/** What the module makes of a merchant's text alone. */
function merchantHashOf(merchant: string | undefined): number {
  return merchant === undefined ? 0 : hasher.merchants.keepMerchant(merchant);
}

/** The value among bytes that would mislead a reader past its end. */
function surrounded(dice: Dice, value: Uint8Array): { view: DataView; start: number } {
  const around = new TextEncoder().encode('"amount":9,"category":"zz"}');
  const before = dice.below(around.length);
  const after = dice.below(around.length);
  const buffer = new Uint8Array(before + value.length + after + 8);
  buffer.set(around.subarray(0, before));
  buffer.set(value, before);
  buffer.set(around.subarray(0, after), before + value.length);
  const offset = dice.below(before + 1);
  return { view: new DataView(buffer.buffer, offset, before + value.length + after - offset), start: before - offset };
}

Deno.test("TransactionDecoder.decode() equals decodeTransaction() for any bytes, mapping and Kafka timestamp", () => {
  console.log(`seed ${SEED}`);
  const dice = new Dice(SEED);
  const row = emptyRow();
  const reasons = new Map<unknown, number>();
  let map = parseFieldMap(undefined);
  let decoder = decoderFor(map);
  let fallbacks = 0;
  for (let run = 0; run < RUNS; run++) {
    if (run % RUNS_PER_DECODER === 0) {
      fallbacks += decoder.fallbacks;
      map = parseFieldMap(MAPS[(run / RUNS_PER_DECODER) % MAPS.length]);
      decoder = decoderFor(map);
    }
    const clean = new TextEncoder().encode(eventText(dice, map));
    const value = dice.chance(0.25) ? damaged(dice, clean) : clean;
    const kafkaTimestampMs = dice.pick([-1, 1_790_000_000_000, 0, 9_214_646_400_000]);
    const { view, start } = surrounded(dice, value);
    const isTransaction = decoder.decode(
      { view, valueStart: start, valueEnd: start + value.length, timestampMs: kafkaTimestampMs },
      row,
    );
    const got = seen(decoder, row);
    reasons.set(got.reason, (reasons.get(got.reason) ?? 0) + 1);
    const message = () => `seed ${SEED}, run ${run}, ${map.hash}: ${JSON.stringify(new TextDecoder().decode(value))}`;
    assert.equal(isTransaction, got.reason === undefined, message());
    const wanted = expected(value, map, kafkaTimestampMs);
    if (!isEqual(got, wanted)) assert.deepStrictEqual(got, wanted, message());
  }
  fallbacks += decoder.fallbacks;
  console.log(`${RUNS} values, ${RUNS - fallbacks} without the oracle`, Object.fromEntries(reasons));
  assert.ok(RUNS - fallbacks > RUNS / 8, `too few values on the fast path: ${RUNS - fallbacks}`);
  for (const reason of ["empty", "encoding", "json", "notObject", "category", "amount", "timestamp", "isFraud"]) {
    assert.ok((reasons.get(reason) ?? 0) > 0, `no value was refused for ${reason}`);
  }
});

/** `deepStrictEqual` without its price: -0 differs from 0 and NaN equals NaN. */
function isEqual(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.is(a[key], b[key]));
}

/** Rows of a batch as `seen` shows single values. */
function seenInBlock({ block, categories, regions, settle }: BlockReader): Record<string, unknown>[] {
  return Array.from({ length: settle.length }, (_, index) => {
    const reason = settle[index];
    if (reason !== undefined) return { reason };
    return {
      occurredAtMs: block.eventTimes[index],
      amount: block.amounts[index],
      isFraud: block.frauds[index],
      customerHash: block.customerHashes[index],
      merchantHash: block.merchantHashes[index],
      lat: block.latitudes[index],
      lon: block.longitudes[index],
      category: categories.nameOf(block.categoryIds[index] ?? 0),
      region: regions.nameOf(block.regionIds[index] ?? 0),
    };
  });
}

interface BlockReader extends Pick<TransactionDecoder, "block" | "categories" | "regions"> {
  /** By row: what `TransactionDecoder.settle` said. */
  readonly settle: readonly (InvalidReason | undefined)[];
}

Deno.test("TransactionDecoder gives every row of a record batch what decodeTransaction() gives its value", () => {
  const dice = new Dice(SEED), map = parseFieldMap(MAPS[1]), decoder = decoderFor(map), { block } = decoder;
  const rows = new RecordRows(block), misleading = new TextEncoder().encode('"amount":9,"category":"zz"}');
  block.module.setMaxValueBytes(1 << 20);
  for (let run = 0; run < 200; run++) {
    const values = Array.from({ length: 20 }, () => {
      const clean = new TextEncoder().encode(eventText(dice, map));
      return dice.chance(0.25) ? damaged(dice, clean) : clean;
    });
    const batch = buildRecordBatch(values.map((value) => ({ key: misleading, value })), { timestampMs: 1e12 });
    const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
    rows.open(view, readBatchHeader(view, 0));
    assert.equal(rows.take(values.length), values.length);
    block.module.decode(0, values.length);
    const settle = values.map((_, row) => decoder.settle(row));
    const got = seenInBlock({
      block,
      categories: decoder.categories,
      regions: decoder.regions,
      settle,
    });
    values.forEach((value, row) => {
      const message = `seed ${SEED}, run ${run}, row ${row}: ${JSON.stringify(new TextDecoder().decode(value))}`;
      assert.deepStrictEqual(got[row], expected(value, map, 1e12), message);
    });
  }
});

Deno.test("TransactionDecoder.decode() reads every numeral to the double that JSON.parse reads", () => {
  const dice = new Dice(SEED);
  const decoder = decoderFor(parseFieldMap(undefined));
  const row = emptyRow();
  for (let run = 0; run < 200_000; run++) {
    const numeral = numeralOf(dice);
    const value = new TextEncoder().encode(`{"category":"c","timestamp":1,"amount":${numeral}}`);
    const wanted = expected(value, parseFieldMap(undefined), -1);
    const view = new DataView(value.buffer);
    decoder.decode({ view, valueStart: 0, valueEnd: value.length, timestampMs: -1 }, row);
    const got = seen(decoder, row);
    if (!isEqual(got, wanted)) assert.deepStrictEqual(got, wanted, `seed ${SEED}, run ${run}: ${numeral}`);
  }
});
