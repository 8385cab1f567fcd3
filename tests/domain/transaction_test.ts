import assert from "node:assert/strict";
import { CANONICAL_FIELDS, parseFieldMap } from "../../src/domain/field_map.ts";
import { INVALID_REASONS } from "../../src/domain/invalid_reason.ts";
import { decodeTransaction, type Invalid, type Transaction, transactionSchema } from "../../src/domain/transaction.ts";

const KAFKA_MS = 1_790_000_000_000;

/** Decodes text under a mapping, with a Kafka timestamp. */
function decode(text: string, map?: string): Transaction | Invalid {
  return decodeTransaction(new TextEncoder().encode(text), parseFieldMap(map), KAFKA_MS);
}

/** One field of a transaction that is otherwise the least one; the reason when there is none. */
function field(key: keyof Transaction, members: string): unknown {
  const decoded = decode(`{"category":"home","amount":1,${members}}`);
  return "reason" in decoded ? decoded.reason : decoded[key];
}

Deno.test("decodeTransaction() reads the canonical event", () => {
  assert.deepStrictEqual(
    decode(
      '{"transaction_id":"t1","timestamp":"2026-09-21T14:13:20.5Z","customer_id":"c1","merchant":"Müller","category":' +
        '"grocery_pos","amount":12.34,"currency":"EUR","region":"CA","lat":37.5,"lon":-122.5,"is_fraud":true}',
    ),
    {
      category: "grocery_pos",
      amount: 12.34,
      occurredAtMs: Date.UTC(2026, 8, 21, 14, 13, 20, 500),
      region: "CA",
      isFraud: true,
      lat: 37.5,
      lon: -122.5,
      customerId: "c1",
      merchant: "Müller",
    },
  );
});

Deno.test("decodeTransaction() fills in what the least event leaves out", () => {
  assert.deepStrictEqual(decode('{"category":"home","amount":-1}'), {
    category: "home",
    amount: -1,
    occurredAtMs: KAFKA_MS,
    region: "unknown",
    isFraud: false,
  });
});

Deno.test("decodeTransaction() names one reason, of the first field in the order category, amount, timestamp, is_fraud", () => {
  const refusals: [string, Invalid["reason"]][] = [
    ["", "empty"],
    [" ", "json"],
    ["{", "json"],
    ["\ufeff{}", "json"],
    ['{"a":1,}', "json"],
    ["[]", "notObject"],
    ["null", "notObject"],
    ["1", "notObject"],
    ["{}", "category"],
    ['{"category":1,"amount":"1","timestamp":"x","is_fraud":2}', "category"],
    ['{"category":"a","amount":"1","timestamp":"x","is_fraud":2}', "amount"],
    ['{"category":"a","amount":1,"timestamp":"x","is_fraud":2}', "timestamp"],
    ['{"category":"a","amount":1,"is_fraud":2}', "isFraud"],
  ];
  assert.deepStrictEqual(
    refusals.map(([text]) => [text, decode(text)]),
    refusals.map(([text, reason]) => [text, { reason }]),
  );
  for (const [, reason] of refusals) assert.match(INVALID_REASONS[reason], /^The .*[^.]$/);
});

Deno.test("decodeTransaction() refuses UTF-8 that is not strict, wherever it stands", () => {
  for (const bytes of [[0xff], [0xc3], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]]) {
    const value = [...new TextEncoder().encode('{"category":"a","amount":1,"merchant":"')].concat(bytes, [0x22, 0x7d]);
    assert.deepStrictEqual(decodeTransaction(Uint8Array.from(value), parseFieldMap(""), 0), { reason: "encoding" });
  }
});

Deno.test("decodeTransaction() takes categories of 1 to 128 bytes without control characters", () => {
  const category = (name: string): unknown => field("category", `"category":${JSON.stringify(name)}`);
  for (const name of ["a", "a".repeat(128), "é".repeat(64), "\xa0"]) assert.equal(category(name), name);
  for (const name of ["", "a".repeat(129), `${"é".repeat(64)}a`, "a\n", "\x7f", "\x80", "\x9f"]) {
    assert.equal(category(name), "category", JSON.stringify(name));
  }
  assert.equal(field("category", '"category":"a\\ud800"'), "a\ufffd");
});

Deno.test("decodeTransaction() takes a region that is unusable or absent from lat and lon, and without both as unknown", () => {
  const unusable = ['""', '"\\n"', `"${"a".repeat(129)}"`, "1", "null", "[]"].map((region) => `"region":${region}`);
  for (const region of [...unusable, '"x":1']) {
    assert.equal(field("region", region), "unknown", region);
    assert.equal(field("region", `${region},"lat":37.77,"lon":-122.42`), "CA", region);
    assert.equal(field("region", `"lat":57.64911,"lon":10.40744,${region}`), "geo:u4p", region);
    for (const place of ['"lat":37.77', '"lat":37.77,"lon":null', '"lat":"37.77","lon":-122.42', '"lat":91,"lon":0']) {
      assert.equal(field("region", `${region},${place}`), "unknown", `${region},${place}`);
    }
  }
  for (const named of ["a".repeat(128), "unknown", "TX"]) {
    assert.equal(field("region", `"region":"${named}","lat":37.77,"lon":-122.42`), named);
  }
});

Deno.test("decodeTransaction() takes finite JSON numbers for an amount and nothing else", () => {
  for (const amount of ["0", "1e2", "-12.5", "1.7976931348623157e308", "5e-324"]) {
    assert.equal(field("amount", `"amount":${amount}`), Number(amount));
  }
  assert.ok(Object.is(field("amount", '"amount":-0'), 0));
  for (const amount of ["1e999", '"1"', "null", "true", "[1]"]) {
    assert.equal(field("amount", `"amount":${amount}`), "amount", amount);
  }
});

Deno.test("decodeTransaction() takes the Kafka timestamp for one that is absent or null, and refuses to do without", () => {
  assert.deepStrictEqual([field("occurredAtMs", '"x":1'), field("occurredAtMs", '"timestamp":null')], [
    KAFKA_MS,
    KAFKA_MS,
  ]);
  const bytes = new TextEncoder().encode('{"category":"a","amount":1}');
  for (const kafkaMs of [undefined, NaN, -1, 9_214_646_400_000]) {
    assert.deepStrictEqual(decodeTransaction(bytes, parseFieldMap(""), kafkaMs), { reason: "timestamp" });
  }
  for (const timestamp of ['"1"', '""', "true", "[]", "1e999"]) {
    assert.equal(field("occurredAtMs", `"timestamp":${timestamp}`), "timestamp", timestamp);
  }
});

Deno.test("decodeTransaction() reads a flag written as a boolean, 0 or 1, or the text of these", () => {
  const read = (flags: string[]): unknown[] => flags.map((flag) => field("isFraud", `"is_fraud":${flag}`));
  assert.deepStrictEqual(new Set(read(["true", "1", "1.0", "1e0", '"1"', '"true"', '"\\u0031"'])), new Set([true]));
  assert.deepStrictEqual(new Set(read(["false", "0", "-0", "0.0", '"0"', '"false"', "null"])), new Set([false]));
  assert.deepStrictEqual(new Set(read(["2", "0.5", '"yes"', '""', '"TRUE"', "[]", "{}"])), new Set(["isFraud"]));
});

Deno.test("decodeTransaction() keeps coordinates on the globe, both or none", () => {
  const place = (lat: string, lon: string): unknown[] =>
    (["lat", "lon"] as const).map((key) => field(key, `"lat":${lat},"lon":${lon}`));
  assert.deepStrictEqual(place("90", "-180"), [90, -180]);
  assert.deepStrictEqual(place("-90", "180"), [-90, 180]);
  for (const [lat, lon] of [["90.1", "0"], ["0", "180.1"], ["null", "0"], ["0", '"1"'], ["1e999", "0"]] as const) {
    assert.deepStrictEqual(place(lat, lon), [undefined, undefined]);
  }
});

Deno.test("decodeTransaction() takes a customer digit for digit as written", () => {
  const ids = ["4716561796955522123", "1e5", "-0", "1.50", '"4716561796955522123"', '"\\u0061"'];
  assert.deepStrictEqual(
    ids.map((id) => field("customerId", `"customer_id":${id}`)),
    ["4716561796955522123", "1e5", "-0", "1.50", "4716561796955522123", "a"],
  );
  for (const id of ['""', "null", "true", "[]", "{}"]) {
    assert.equal(field("customerId", `"customer_id":${id}`), undefined);
  }
});

Deno.test("decodeTransaction() lets the last of duplicate keys win", () => {
  assert.equal(field("amount", '"amount":"x","amount":7'), 7);
  assert.equal(field("amount", '"amount":7,"am\\u006funt":"x"'), "amount");
});

Deno.test("decodeTransaction() reads a mapped field by its own name only where the mapped one is absent", () => {
  const amount = (members: string): unknown => {
    const decoded = decode(`{"category":"a",${members}}`, "amount=amt");
    return "reason" in decoded ? decoded.reason : decoded.amount;
  };
  assert.deepStrictEqual(
    ['"amount":1,"amt":2', '"amount":1', '"amount":1,"amt":null', '"amt":2'].map(amount),
    [2, 1, "amount", 2],
  );
});

Deno.test("decodeTransaction() refuses nesting past 64 levels on any stack", () => {
  const nested = (levels: number) =>
    decode(`{"category":"a","amount":1,"x":${"[".repeat(levels)}${"]".repeat(levels)}}`);
  assert.ok("category" in nested(63));
  for (const levels of [64, 100_000]) assert.deepStrictEqual(nested(levels), { reason: "json" });
});

Deno.test("transactionSchema describes every canonical field and no other", () => {
  const { shape } = transactionSchema;
  assert.deepStrictEqual(Object.keys(shape).sort(), [...CANONICAL_FIELDS].sort());
  for (const [key, schema] of Object.entries(shape)) assert.ok(schema.description, key);
});
