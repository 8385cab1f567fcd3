import assert from "node:assert/strict";
import { parseFieldMap } from "../../src/domain/field_map.ts";
import { TransactionGenerator } from "../../src/produce/generator.ts";
import { type Incident, type IncidentPlan, INCIDENTS_MAX, labelOf } from "../../src/produce/incident.ts";
import { ADDED_MAX } from "../../src/produce/incident_effect.ts";
import { IncidentInjector, type IncidentInjectorOptions } from "../../src/produce/incident_injector.ts";
import type { TimedRecord } from "../../src/produce/timed_record.ts";

const START_MS = 1_700_000_000_000, MINUTE_MS = 60_000;
const FROM_MS = START_MS + 5 * MINUTE_MS, TO_MS = START_MS + 15 * MINUTE_MS;
const CATEGORY = "grocery_pos";
const utf8 = new TextDecoder();

interface Event {
  readonly transaction_id: string;
  readonly timestamp: string;
  readonly customer_id: string;
  readonly category: string;
  readonly amount: number;
  readonly region: string;
  readonly lat: number | null;
  readonly is_fraud: boolean;
}

function plan(own: Partial<IncidentPlan>): IncidentPlan {
  return {
    kind: "fraud-burst",
    category: CATEGORY,
    begins: { afterMs: 5 * MINUTE_MS },
    durationMs: 10 * MINUTE_MS,
    strength: 0.5,
    ...own,
  };
}

function injector(plans: readonly IncidentPlan[], own: Partial<IncidentInjectorOptions> = {}): IncidentInjector {
  return new IncidentInjector({ plans, seed: 3, map: parseFieldMap(undefined), originMs: START_MS, ...own });
}

/** Twenty minutes of transactions. */
const stream: readonly TimedRecord[] = [
  ...Iterator.from(new TransactionGenerator({ seed: 1, startMs: START_MS, ratePerSecond: 20, customers: 2_000 }))
    .take(24_000),
];

const applied = (into: IncidentInjector, records = stream): TimedRecord[] => records.flatMap((one) => into.apply(one));
const eventOf = ({ value }: TimedRecord): Event => JSON.parse(utf8.decode(value ?? new Uint8Array()));
const isConcerned = ({ key, atMs = 0 }: TimedRecord): boolean =>
  utf8.decode(key ?? new Uint8Array()) === CATEGORY && atMs >= FROM_MS && atMs < TO_MS;
const concerned = (records: readonly TimedRecord[]): Event[] => records.filter(isConcerned).map(eventOf);
const usual = concerned(stream);
const near = (seen: number, wanted: number): boolean => Math.abs(seen - wanted) < 4 * Math.sqrt(wanted) + 1;

Deno.test("IncidentInjector leaves records of other categories and times, and what is no transaction, as they are", () => {
  const broken = ['{"category":"grocery_pos"', '{"category":"grocery_pos","amount":"1"}'].map((text): TimedRecord => ({
    key: new TextEncoder().encode(CATEGORY),
    value: new TextEncoder().encode(text),
    atMs: FROM_MS,
  }));
  const key = new TextEncoder().encode(CATEGORY), empty: TimedRecord = { key, value: null, atMs: FROM_MS };
  const records = [...stream.filter((record) => !isConcerned(record)), ...broken, empty];
  const plans = [plan({}), plan({ kind: "dead-category", strength: 0 }), plan({ kind: "rate-surge", strength: 9 })];
  const into = injector(plans);
  assert.deepStrictEqual(applied(into, records), records);
  assert.strictEqual(into.idle.length, 3);
});

Deno.test("IncidentInjector fraud-burst makes frauds of the share of the others that its strength says, and nothing else", () => {
  const seen = concerned(applied(injector([plan({ strength: 0.5 })])));
  assert.deepStrictEqual(
    seen.map((event) => ({ ...event, is_fraud: false })),
    usual.map((event) => ({ ...event, is_fraud: false })),
  );
  const before = usual.filter((event) => event.is_fraud).length;
  assert.ok(near(seen.filter((event) => event.is_fraud).length, before + (usual.length - before) / 2));
  assert.ok(usual.every((event, index) => !event.is_fraud || seen[index]?.is_fraud));
});

Deno.test("IncidentInjector rate-drop and dead-category take transactions away by the factor of their strength", () => {
  const seen = concerned(applied(injector([plan({ kind: "rate-drop", strength: 0.3 })])));
  const ids = new Set(usual.map((event) => event.transaction_id));
  assert.ok(near(seen.length, 0.3 * usual.length) && seen.every((event) => ids.has(event.transaction_id)));
  for (const kind of ["dead-category", "rate-drop"] as const) {
    assert.deepStrictEqual(concerned(applied(injector([plan({ kind, strength: 0 })]))), []);
  }
});

Deno.test("IncidentInjector rate-surge adds transactions of other customers, alike, by the factor of its strength", () => {
  const seen = concerned(applied(injector([plan({ kind: "rate-surge", strength: 2.5 })])));
  assert.ok(near(seen.length, 2.5 * usual.length), `${seen.length} instead of ${usual.length}`);
  assert.strictEqual(new Set(seen.map((event) => event.transaction_id)).size, seen.length);
  const customers = (events: readonly Event[]) => new Set(events.map((event) => event.customer_id)).size;
  assert.ok(near(customers(seen) - customers(usual), 1.5 * usual.length));
  const mean = (events: readonly Event[]) => events.reduce((sum, { amount }) => sum + amount, 0) / events.length;
  assert.ok(Math.abs(mean(seen) / mean(usual) - 1) < 0.2, `${mean(seen)} against ${mean(usual)}`);
});

Deno.test("IncidentInjector price-shift multiplies amounts by its strength, to whole cents", () => {
  const seen = concerned(applied(injector([plan({ kind: "price-shift", strength: 1.333 })])));
  assert.deepStrictEqual(
    seen.map(({ amount }) => amount),
    usual.map(({ amount }) => Math.round(amount * 133.3) / 100),
  );
});

Deno.test("IncidentInjector new-region adds as many transactions a minute in the region, without coordinates", () => {
  const seen = concerned(applied(injector([plan({ kind: "new-region", region: "ZZ", strength: 30 })])));
  const [added, kept] = [true, false].map((isNew) => seen.filter(({ region }) => (region === "ZZ") === isNew));
  assert.deepStrictEqual(kept, usual);
  assert.ok(near(added?.length ?? 0, 300), `${added?.length}`);
  assert.ok(added?.every(({ lat }) => lat === null));
});

Deno.test("IncidentInjector adds at most so many transactions at a record, however long none came", () => {
  const [first = { key: null, value: null, atMs: undefined }] = stream.filter(isConcerned);
  const plans = [plan({ kind: "new-region", region: "ZZ", strength: 10_000, durationMs: 3_600_000 })];
  const late = [0, 3_000_000].map((afterMs) => ({ ...first, atMs: FROM_MS + afterMs }));
  assert.deepStrictEqual(late.map((one) => injector(plans).apply(one).length), [1, 1 + ADDED_MAX]);
});

Deno.test("IncidentInjector limits an incident to its region, which coordinates may tell", () => {
  const into = injector([plan({ kind: "dead-category", strength: 0, region: "TX" })]);
  assert.deepStrictEqual(concerned(applied(into)), usual.filter(({ region }) => region !== "TX"));
  const austin = new TextEncoder().encode('{"category":"grocery_pos","amount":1,"lat":30.27,"lon":-97.74}');
  assert.deepStrictEqual(into.apply({ key: new TextEncoder().encode(CATEGORY), value: austin, atMs: FROM_MS }), []);
});

Deno.test("IncidentInjector begins with the first millisecond of an incident and has ended at its end", () => {
  const into = injector([plan({ kind: "dead-category", strength: 0 })]);
  const [one = { key: null, value: null, atMs: undefined }] = stream.filter(isConcerned);
  const counts = [FROM_MS - 1, FROM_MS, TO_MS - 1, TO_MS].map((atMs) => into.apply({ ...one, atMs }).length);
  assert.deepStrictEqual(counts, [1, 0, 0, 1]);
});

Deno.test("IncidentInjector gives the same bytes for the same seed, and others for another", () => {
  const plans = [plan({ strength: 0.3 }), plan({ kind: "rate-surge", strength: 1.5 }), plan({ kind: "rate-drop" })];
  const text = (seed: number) =>
    applied(injector(plans, { seed })).map(({ value }) => utf8.decode(value ?? undefined)).join("\n");
  const three = text(3);
  assert.ok(text(3) === three && text(4) !== three);
});

Deno.test("IncidentInjector applies several incidents in the order of their plans, each to what the others left", () => {
  const both = [plan({ kind: "price-shift", strength: 2 }), plan({ kind: "fraud-burst", strength: 1 })];
  const seen = concerned(applied(injector(both)));
  assert.ok(seen.every((event, index) => event.is_fraud && event.amount === (usual[index]?.amount ?? NaN) * 2));
});

Deno.test("IncidentInjector edits events of a file under its own names and in its own style, and starts with its first time", () => {
  const map = parseFieldMap(
    "amount=amt,timestamp=unix_time,region=state,lat=merch_lat,lon=merch_long,customer_id=cc_num",
  );
  const known: Incident[] = [];
  const plans = [
    plan({ strength: 1, begins: { afterMs: 0 } }),
    plan({ kind: "new-region", region: "ZZ", strength: 10_000 }),
  ];
  const into = injector(plans, { map, onKnown: (incidents) => void known.push(...incidents) });
  assert.strictEqual(known.length, 2);
  const lazy = new IncidentInjector({ plans, seed: 3, map, onKnown: (incidents) => void known.push(...incidents) });
  const text =
    '{"cc_num":36020776426567000001,"category":"grocery_pos","amt":1.50,"state":"IL","merch_lat":41,"merch_long":-87,"unix_time":1735691160,"is_fraud":0}';
  const record = (atMs: number | undefined) => ({
    key: new TextEncoder().encode(CATEGORY),
    value: new TextEncoder().encode(text),
    atMs,
  });
  assert.deepStrictEqual(lazy.apply(record(undefined)), [record(undefined)]);
  const [fraud] = lazy.apply(record(START_MS)).map(({ value }) => utf8.decode(value ?? undefined));
  assert.strictEqual(fraud, text.replace('"is_fraud":0', '"is_fraud":1'));
  assert.strictEqual(known.length, 4);
  const [, added] = into.apply(record(FROM_MS + MINUTE_MS)).map(({ value }) => utf8.decode(value ?? undefined));
  assert.match(
    added ?? "",
    /^\{"cc_num":\d{12},"category":"grocery_pos","amt":1.50,"state":"ZZ","merch_lat":null,"merch_long":null,"unix_time":1735691160,"is_fraud":1\}$/,
  );
});

Deno.test("IncidentInjector takes as many incidents as it may and refuses one more", () => {
  injector(Array.from({ length: INCIDENTS_MAX }, () => plan({})));
  assert.throws(() => injector(Array.from({ length: INCIDENTS_MAX + 1 }, () => plan({}))), RangeError);
});

Deno.test("labelOf() says kind, category, region where there is one, start, end, strength and seed", () => {
  const incident = {
    kind: "new-region",
    category: "a",
    region: "ZZ",
    startMs: FROM_MS,
    endMs: TO_MS,
    strength: 5,
    seed: 7,
  };
  assert.deepStrictEqual([
    labelOf({ ...incident, kind: "new-region" }),
    labelOf({
      ...{ kind: "rate-drop", category: 'a"b', startMs: 0, endMs: 1, strength: 0.5, seed: 7 },
    }),
  ], [
    '{"kind":"new-region","category":"a","region":"ZZ","start":"2023-11-14T22:18:20.000Z","end":"2023-11-14T22:28:20.000Z","strength":5,"seed":7}',
    '{"kind":"rate-drop","category":"a\\"b","start":"1970-01-01T00:00:00.000Z","end":"1970-01-01T00:00:00.001Z","strength":0.5,"seed":7}',
  ]);
});
