import assert from "node:assert/strict";
import { END_EVENT_MS, epochNumberMs, eventMs, MIN_EVENT_MS, parseIsoMs } from "../../src/domain/timestamp.ts";
import { ByteReader } from "./byte_reader.ts";

const DAY = Date.UTC(2024, 1, 29);

const reader = new ByteReader();

/** Reads by the byte decoder, as an event's time; NaN when it asked the oracle. */
function readIsoMs(text: string): number {
  const { row, isClean } = reader.read(`{"category":"c","amount":1,"timestamp":"${text}"}`);
  return isClean ? row.occurredAtMs : NaN;
}

const VALID: [string, number][] = [
  ["2024-02-29T00:00Z", DAY],
  ["2024-02-29T00:00:00Z", DAY],
  ["2024-02-29t23:59:59z", DAY + 86_399_000],
  ["2024-02-29 00:00:00.1Z", DAY + 100],
  ["2024-02-29T00:00:00.12Z", DAY + 120],
  ["2024-02-29T00:00:00.123999999Z", DAY + 123],
  ["2024-02-29T01:30:00+01:30", DAY],
  ["2024-02-29T01:30:00+0130", DAY],
  ["2024-02-29T01:00+01", DAY],
  ["2024-02-28T19:00:00-05:00", DAY],
  ["2024-02-29T00:00:00-00:00", DAY],
  ["2000-02-29T00:00:00Z", Date.UTC(2000, 1, 29)],
  ["1970-01-01T00:00:00Z", 0],
  ["1969-12-31T23:30:00-00:30", 0],
  ["2261-12-31T23:59:59.999Z", END_EVENT_MS - 1],
  ["2262-01-01T00:59:59.999+01:00", END_EVENT_MS - 1],
];

const NO_INSTANTS = [
  "2024-02-29T00:00:00",
  "2024-02-29",
  "2024-02-29Z",
  "2024-02-29T00Z",
  "2023-02-29T00:00:00Z",
  "2100-02-29T00:00:00Z",
  "2024-04-31T00:00:00Z",
  "2024-00-01T00:00:00Z",
  "2024-13-01T00:00:00Z",
  "2024-01-00T00:00:00Z",
  "2024-01-32T00:00:00Z",
  "2024-02-29T24:00:00Z",
  "2024-02-29T00:60:00Z",
  "2024-02-29T00:00:60Z",
  "2024-02-29T00:00:00.Z",
  "2024-02-29T00:00:00,5Z",
  "2024-02-29T00:00:00 Z",
  "2024-02-29T00:00:00+24:00",
  "2024-02-29T00:00:00+01:60",
  "2024-02-29T00:00:00+1",
  "2024-02-29T00:00:00+01:0",
  "2024-02-29T00:00:00+01:",
  "2024-02-29T00:00:00+010",
  "2024-02-29T00:00:00ZZ",
  "2024-02-29T00:00:0Z",
  "2024-02-29_00:00:00Z",
  "2024-2-29T00:00:00Z",
  "24-02-29T00:00:00Z",
  "+02024-02-29T00:00:00Z",
  "20240229T000000Z",
  " 2024-02-29T00:00:00Z",
  "2024-02-29T00:00:00Z ",
  "٢٠٢٤-02-29T00:00:00Z",
  "",
  "now",
  "1969-12-31T23:59:59.999Z",
  "1970-01-01T00:00:00+00:01",
  "2262-01-01T00:00:00Z",
  "2261-12-31T23:59:00-00:01",
];

for (const [name, read] of [["parseIsoMs()", parseIsoMs], ["TransactionDecoder", readIsoMs]] as const) {
  Deno.test(`${name} reads every allowed form of an instant`, () => {
    assert.deepStrictEqual(VALID.map(([text]) => [text, read(text)]), VALID);
  });

  Deno.test(`${name} refuses text without zone, days that are none, and instants outside 1970-2261`, () => {
    assert.deepStrictEqual(NO_INSTANTS.filter((text) => !Number.isNaN(read(text))), []);
  });
}

Deno.test("TransactionDecoder and parseIsoMs() agree on every day from 1970 to 2261", () => {
  for (let dayMs = MIN_EVENT_MS; dayMs < END_EVENT_MS; dayMs += 86_400_000) {
    const text = new Date(dayMs).toISOString();
    assert.equal(readIsoMs(text), dayMs, text);
    assert.equal(parseIsoMs(text), dayMs, text);
  }
});

Deno.test("TransactionDecoder does not take a minute from memory for one that differs in any byte", () => {
  const text = "2024-02-29T11:22:33.444Z";
  for (let at = 0; at < 16; at++) {
    readIsoMs(text);
    for (const digit of ["0", "1", "9", "x", "-", ":"]) {
      const other = text.slice(0, at) + digit + text.slice(at + 1);
      assert.equal(readIsoMs(other), parseIsoMs(other), other);
      assert.equal(readIsoMs(text), parseIsoMs(text));
    }
  }
});

Deno.test("epochNumberMs() takes numbers below 1e11 for seconds and all others for milliseconds", () => {
  assert.deepStrictEqual(
    [1, 1.5, 1_735_691_160.123, 9_214_646_399.999, 99_999_999_999, 1e11, 1_735_691_160_123.9].map(epochNumberMs),
    [1_000, 1_500, 1_735_691_160_123, END_EVENT_MS - 1, NaN, 1e11, 1_735_691_160_123],
  );
});

Deno.test("epochNumberMs() keeps every millisecond that seconds with three decimals name", () => {
  for (let epochMs = 1_735_691_160_000; epochMs < 1_735_691_180_000; epochMs++) {
    assert.equal(
      epochNumberMs(Number(`${Math.floor(epochMs / 1_000)}.${String(epochMs % 1_000).padStart(3, "0")}`)),
      epochMs,
    );
  }
});

Deno.test("epochNumberMs() and eventMs() refuse what lies outside 1970-2261", () => {
  const outside = [-1, -0.001, -1e11, 9_214_646_400, END_EVENT_MS, 1e300, Infinity, -Infinity, NaN];
  assert.deepStrictEqual(outside.map(epochNumberMs), outside.map(() => NaN));
  assert.deepStrictEqual([-1, -0.1, END_EVENT_MS, END_EVENT_MS - 0.1].map(eventMs), [NaN, NaN, NaN, END_EVENT_MS - 1]);
  assert.deepStrictEqual([eventMs(-0), epochNumberMs(-0)], [0, 0]);
});
