import assert from "node:assert/strict";
import { CANONICAL_FIELDS, parseFieldMap } from "../../src/domain/field_map.ts";
import { decodeTransaction, type Transaction } from "../../src/domain/transaction.ts";
import { CATEGORY_PROFILES } from "../../src/produce/category_profile.ts";
import {
  type GeneratedRecord,
  TransactionGenerator,
  type TransactionGeneratorOptions,
} from "../../src/produce/generator.ts";
import { US_STATES } from "../../src/produce/us_state.ts";

const START_MS = 1_700_000_000_000;
const DAY_MS = 86_400_000;
const utf8 = new TextDecoder();

interface Event {
  readonly transaction_id: string;
  readonly timestamp: string;
  readonly customer_id: string;
  readonly merchant: string;
  readonly category: string;
  readonly amount: number;
  readonly region: string;
  readonly lat: number;
  readonly lon: number;
  readonly is_fraud: boolean;
}

function take(count: number, options: Partial<TransactionGeneratorOptions> = {}): GeneratedRecord[] {
  return [
    ...Iterator.from(new TransactionGenerator({ seed: 1, startMs: START_MS, customers: 1_000, ...options })).take(
      count,
    ),
  ];
}

const textOf = (records: readonly GeneratedRecord[]): string[] => records.map(({ value }) => utf8.decode(value));
const eventsOf = (records: readonly GeneratedRecord[]): Event[] => textOf(records).map((text) => JSON.parse(text));

/** A whole day, so that every hour's mix has its part. */
const wholeDay = eventsOf(take(200_000, { ratePerSecond: 200_000 / 86_400, customers: 5_000 }));

Deno.test("TransactionGenerator gives the same bytes for the same seed and start", () => {
  assert.deepStrictEqual(take(3_000), take(3_000));
});

Deno.test("TransactionGenerator gives other bytes for another seed, also one that differs above 2^32", () => {
  const ofSeeds = [1, 2, 1 + 2 ** 32, Number.MAX_SAFE_INTEGER].map((seed) =>
    textOf(take(1, { seed }))[0]?.slice(0, 60)
  );
  assert.strictEqual(new Set(ofSeeds).size, 4);
});

Deno.test("TransactionGenerator gives the same beginning whatever number is taken", () => {
  assert.deepStrictEqual(take(1_500).slice(0, 700), take(700));
});

Deno.test("TransactionGenerator moves all event times with the start", () => {
  const times = take(500).map(({ atMs }) => atMs + DAY_MS);
  assert.deepStrictEqual(take(500, { startMs: START_MS + DAY_MS }).map(({ atMs }) => atMs), times);
});

Deno.test("TransactionGenerator values are canonical JSON: all fields in order, the text JSON.stringify would give", () => {
  for (const text of textOf(take(20_000))) {
    const event = JSON.parse(text);
    assert.strictEqual(JSON.stringify(event), text);
    assert.deepStrictEqual(Object.keys(event), [...CANONICAL_FIELDS]);
  }
});

Deno.test("TransactionGenerator values are valid transactions with the key and the time they travel with", () => {
  const map = parseFieldMap("");
  for (const { key, atMs, value } of take(5_000, { fraudRate: 0.2 })) {
    const transaction = decodeTransaction(value, map, undefined);
    if ("reason" in transaction) assert.fail(`${transaction.reason}: ${utf8.decode(value)}`);
    const { category, occurredAtMs, lat, customerId }: Transaction = transaction;
    assert.deepStrictEqual([category, occurredAtMs], [utf8.decode(key), atMs]);
    assert.ok(lat !== undefined && customerId !== undefined);
  }
});

Deno.test("TransactionGenerator never reuses a transaction id", () => {
  assert.strictEqual(new Set(wholeDay.map((event) => event.transaction_id)).size, wholeDay.length);
});

Deno.test("TransactionGenerator values keep their bytes while later ones are made", () => {
  const records = take(2_000);
  const copies = records.map(({ value }) => value.slice());
  assert.deepStrictEqual(records.map(({ value }) => value.slice()), copies);
});

Deno.test("TransactionGenerator shares of the 14 categories over a day are those of their profiles within a tenth", () => {
  const genuine = wholeDay.filter((event) => !event.is_fraud);
  assert.strictEqual(new Set(genuine.map((event) => event.category)).size, 14);
  for (const { name, share } of CATEGORY_PROFILES) {
    const seen = genuine.filter((event) => event.category === name).length / genuine.length;
    assert.ok(Math.abs(seen / share - 1) < 0.1, `${name}: ${seen}, profile ${share}`);
  }
});

Deno.test("CATEGORY_PROFILES shares add up to 1 and every rhythm has 24 hours above 0", () => {
  const total = CATEGORY_PROFILES.reduce((sum, { share }) => sum + share, 0);
  assert.ok(Math.abs(total - 1) < 1e-9, `${total}`);
  for (const { name, rhythm } of CATEGORY_PROFILES) {
    assert.deepStrictEqual([rhythm.length, rhythm.every((weight) => weight > 0)], [24, true], name);
  }
});

Deno.test("TransactionGenerator share of fraud is fraudRate, at night and at noon", () => {
  const noonMs = Math.floor(START_MS / DAY_MS) * DAY_MS + 18 * 3_600_000;
  for (const startMs of [noonMs, noonMs + DAY_MS / 2]) {
    for (const fraudRate of [undefined, 0.05, 0.5]) {
      const events = eventsOf(take(60_000, { startMs, ...(fraudRate === undefined ? {} : { fraudRate }) }));
      const share = events.filter((event) => event.is_fraud).length / events.length;
      const wanted = fraudRate ?? 0.006;
      assert.ok(Math.abs(share - wanted) < 5 * Math.sqrt(wanted / events.length), `${share}, wanted ${wanted}`);
    }
  }
});

Deno.test("TransactionGenerator fraudRate 0 makes no fraud and 1 nothing else", () => {
  const shares = [0, 1].map((fraudRate) =>
    eventsOf(take(2_000, { fraudRate })).filter(({ is_fraud }) => is_fraud).length
  );
  assert.deepStrictEqual(shares, [0, 2_000]);
});

Deno.test("TransactionGenerator fraud is dearer, comes in bursts on a card and is not at home", () => {
  const events = eventsOf(take(100_000));
  const fraud = events.filter((event) => event.is_fraud);
  const homes = new Map(events.filter((event) => !event.is_fraud).map((event) => [event.customer_id, event.region]));
  const median = (all: readonly Event[]): number =>
    all.map(({ amount }) => amount).toSorted((a, b) => a - b)[all.length >> 1] ?? 0;
  const away = fraud.filter((event) => event.region !== homes.get(event.customer_id)).length;
  const cards = new Set(fraud.map((event) => event.customer_id)).size;
  assert.ok(median(fraud) > 5 * median(events), `median ${median(fraud)} against ${median(events)}`);
  assert.ok(fraud.length / cards > 3, `${fraud.length} on ${cards} cards`);
  assert.ok(away / fraud.length > 0.8, `${away} of ${fraud.length} away from home`);
});

Deno.test("TransactionGenerator has a few refunds, whole cents, known regions and places on the map", () => {
  const refunds = wholeDay.filter(({ amount }) => amount < 0).length / wholeDay.length;
  const codes = new Set(US_STATES.map(({ code }) => code));
  assert.ok(refunds > 0.003 && refunds < 0.03, `${refunds}`);
  for (const { amount, region, lat, lon } of wholeDay) {
    assert.ok(
      Number.isInteger(Math.round(amount * 1e6) / 1e4) && Math.abs(amount) >= 0.5 && Math.abs(amount) <= 30_000,
    );
    assert.ok(codes.has(region) && lat > 15 && lat < 75 && lon > -170 && lon < -60, `${region} ${lat} ${lon}`);
  }
});

Deno.test("TransactionGenerator traffic by region follows population", () => {
  const share = (code: string): number => wholeDay.filter(({ region }) => region === code).length / wholeDay.length;
  assert.ok(share("CA") > 0.08 && share("CA") < 0.16 && share("WY") < 0.01, `CA ${share("CA")}, WY ${share("WY")}`);
});

Deno.test("TransactionGenerator mix changes with the hour: restaurants at dinner, not before dawn", () => {
  const dining = (utcHour: number): number => {
    const events = wholeDay.filter(({ timestamp }) => Number(timestamp.slice(11, 13)) === utcHour);
    return events.filter(({ category }) => category === "food_dining").length / events.length;
  };
  assert.ok(dining(0) > 1.5 * dining(10), `${dining(0)} at dinner, ${dining(10)} before dawn`);
});

Deno.test("TransactionGenerator ends before 2262 and takes the last millisecond before it", () => {
  const last = take(10, { startMs: 9_214_646_399_999, ratePerSecond: 1_000 });
  assert.deepStrictEqual(last.every(({ value }) => utf8.decode(value).includes("2261-12-31T23:59:59.999Z")), true);
  assert.ok(last.length < 10);
});

Deno.test("TransactionGenerator takes each option at its limit and refuses it past it", () => {
  const limits: readonly (readonly [keyof TransactionGeneratorOptions, readonly number[], readonly number[]])[] = [
    ["seed", [0, Number.MAX_SAFE_INTEGER], [-1, 1.5, 2 ** 53, NaN]],
    ["startMs", [0, 9_214_646_399_999], [-1, 0.5, 9_214_646_400_000, NaN]],
    ["ratePerSecond", [1e-6, 10_000_000], [0, 9e-7, -1, 10_000_001, NaN]],
    ["fraudRate", [0, 1], [-0.001, 1.001, NaN]],
    ["customers", [1, 2], [0, 1.5, 200_001, NaN]],
  ];
  for (const [name, good, bad] of limits) {
    for (const value of good) assert.doesNotThrow(() => take(1, { [name]: value }), `${name} ${value}`);
    for (const value of bad) assert.throws(() => take(1, { [name]: value }), RangeError, `${name} ${value}`);
  }
});

Deno.test("TransactionGenerator works with a single customer and with 200,000", () => {
  const customers = [1, 200_000].map((count) =>
    new Set(eventsOf(take(300, { customers: count })).map((e) => e.customer_id)).size
  );
  assert.ok(customers[0] === 1 && (customers[1] ?? 0) > 290, `${customers}`);
});
