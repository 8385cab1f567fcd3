import assert from "node:assert/strict";
import { Point as ClientPoint } from "@influxdata/influxdb-client";
import { storedTagValue, tagValueOf, toLine } from "../../src/domain/line_protocol.ts";
import { type Measurement, type MeasurementSchema, type Point, SCHEMA } from "../../src/domain/point.ts";
import { HOSTILE_TAG_VALUES } from "../contracts/store_contract.ts";

type Draw = () => number;

/** Mulberry32: 32 bits of state are enough to replay a failure. */
function drawsFrom(seed: number): Draw {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const pick = <T>(draw: Draw, from: readonly T[]): T | undefined => from[Math.floor(draw() * from.length)];

/** Text of characters that both we and the client can say; the client cannot say a backslash at the end. */
function plainText(draw: Draw): string {
  const chars = ["a", "Z", " ", ",", "=", '"', "'", "\\", "é", "😀", "/", "\u0001", "-", "x"];
  return Array.from({ length: 1 + Math.floor(draw() * 8) }, () => pick(draw, chars)).join("") + ".";
}

function randomFloat(draw: Draw): number {
  const float = new Float64Array(new Uint32Array([draw() * 2 ** 32, draw() * 2 ** 32]).buffer)[0] ?? 0;
  return draw() < 0.3 ? Math.floor(draw() * 1_000) : Number.isFinite(float) ? float : 1.5;
}

function randomPoint(draw: Draw): { readonly point: Point; readonly client: ClientPoint } {
  const measurement = pick(draw, Object.keys(SCHEMA)) as Measurement;
  const schema: MeasurementSchema = SCHEMA[measurement];
  const timeMs = Math.floor((draw() - 0.3) * 9e12);
  const client = new ClientPoint(measurement).timestamp(timeMs);
  const tags: Record<string, string> = {};
  for (const name of schema.tags) {
    tags[name] = draw() < 0.1 ? "" : plainText(draw);
    client.tag(name, tags[name]);
  }
  const fields: Record<string, number | boolean | string> = {};
  // The client sorts fields by name; the point is given its fields in that order, and the line keeps it.
  for (const [name, kind] of Object.entries(schema.fields).sort(([a], [b]) => a < b ? -1 : 1)) {
    if (draw() < 0.3 && Object.keys(fields).length > 0) continue;
    if (kind === "float") client.floatField(name, fields[name] = randomFloat(draw));
    if (kind === "integer") client.intField(name, fields[name] = Math.floor((draw() - 0.5) * 2 ** 54));
    if (kind === "boolean") client.booleanField(name, fields[name] = draw() < 0.5);
    if (kind === "string") client.stringField(name, fields[name] = plainText(draw) + (draw() < 0.3 ? "\n\\" : ""));
  }
  return { point: { measurement, tags, timeMs, fields }, client };
}

Deno.test("toLine() says what the client's Point says, for random points", () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 1;
  console.log(`seed ${seed}`);
  const draw = drawsFrom(seed);
  for (let i = 0; i < 5_000; i++) {
    const { point, client } = randomPoint(draw);
    assert.strictEqual(toLine(point), client.toLineProtocol(), `seed ${seed}, point ${i}`);
  }
});

Deno.test("toLine() writes floats as floats, integers with i, booleans and quoted text, in ms", () => {
  assert.strictEqual(
    toLine({
      measurement: "transactions_total",
      tags: { category: "a b", region: "N,Y=\\" },
      timeMs: -1,
      fields: { transaction_count: 3, amount_sum: 3, lat: -0, lon: 1e21, final: false },
    }),
    "transactions_total,category=a\\ b,region=N\\,Y\\=\\\u200b transaction_count=3i,amount_sum=3,lat=-0,lon=1e+21,final=F -1",
  );
  assert.strictEqual(
    toLine({
      measurement: "transactions_anomaly",
      tags: { category: "", metric: "m" },
      timeMs: 0,
      fields: { message: 'a "b"\n\\' },
    }),
    'transactions_anomaly,metric=m message="a \\"b\\"\n\\\\" 0',
  );
});

Deno.test("toLine() refuses a value that is not of its field's kind, naming the field", () => {
  const bad: readonly (readonly [string, number | boolean | string])[] = [
    ["amount_sum", NaN],
    ["amount_sum", Infinity],
    ["amount_sum", "1"],
    ["transaction_count", 0.5],
    ["transaction_count", NaN],
    ["transaction_count", Number.MAX_SAFE_INTEGER + 1],
    ["transaction_count", true],
    ["final", 0],
    ["constructor", 1],
  ];
  for (const [field, value] of bad) {
    const point: Point = { measurement: "transactions_total", tags: {}, timeMs: 0, fields: { [field]: value } };
    assert.throws(() => toLine(point), { name: "TypeError", message: new RegExp(`Cannot write ${field} of `) });
  }
  const text: Point = { measurement: "transactions_anomaly", tags: {}, timeMs: 0, fields: { message: 1 } };
  assert.throws(() => toLine(text), TypeError);
});

Deno.test("toLine() refuses a point without fields, with a foreign tag, with text that is not Unicode", () => {
  const point: Point = { measurement: "transactions_total", tags: {}, timeMs: 0, fields: { lat: 1 } };
  assert.throws(() => toLine({ ...point, fields: {} }), TypeError);
  assert.throws(() => toLine({ ...point, tags: { window: "60s" } }), TypeError);
  assert.throws(() => toLine({ ...point, tags: { category: "a\ud800" } }), TypeError);
});

Deno.test("toLine() refuses times that InfluxDB cannot hold", () => {
  const at = (timeMs: number): string =>
    toLine({ measurement: "transactions_total", tags: {}, timeMs, fields: { lat: 1 } });
  assert.strictEqual(at(9_223_372_036_854), "transactions_total lat=1 9223372036854");
  assert.strictEqual(at(-9_223_372_036_854), "transactions_total lat=1 -9223372036854");
  for (const bad of [9_223_372_036_855, -9_223_372_036_855, 0.5, NaN, Infinity]) {
    assert.throws(() => at(bad), RangeError);
  }
});

Deno.test("storedTagValue() leaves plain text alone, has no line feed and no backslash at the end, and tagValueOf() undoes it", () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 1;
  const draw = drawsFrom(seed);
  const chars = ["a", "\\", "\u200b", "\n", "\r", "\0", "␊", "␍", "␀"];
  const random = Array.from(
    { length: 5_000 },
    () => Array.from({ length: Math.floor(draw() * 6) }, () => pick(draw, chars)).join(""),
  );
  const values = new Set([...HOSTILE_TAG_VALUES.map(([, value]) => value), ...random]);
  for (const value of values) {
    assert.strictEqual(tagValueOf(storedTagValue(value)), value, `seed ${seed}: ${JSON.stringify(value)}`);
    assert.doesNotMatch(storedTagValue(value), /[\n\r\0]|\\$/, `seed ${seed}`);
  }
  assert.strictEqual(new Set([...values].map(storedTagValue)).size, values.size, `seed ${seed}`);
  assert.strictEqual(storedTagValue("Café, crème = \\o/ 😀"), "Café, crème = \\o/ 😀");
});
