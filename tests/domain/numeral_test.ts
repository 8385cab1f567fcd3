/** Numbers as the byte decoder reads them by itself: to the double that `Number` gives, or not at all. */
import assert from "node:assert/strict";
import { ByteReader } from "./byte_reader.ts";

const reader = new ByteReader();

/** The amount as read from its bytes; undefined when only the oracle could tell. */
function amountOf(numeral: string): number | undefined {
  const { row, isClean } = reader.read(`{"category":"c","timestamp":1,"amount":${numeral}}`);
  assert.equal(row.invalid, undefined, numeral);
  return isClean ? row.amount : undefined;
}

Deno.test("TransactionDecoder reads numerals of up to 19 digits itself, but for those that lie halfway", () => {
  const mantissas = ["0", "1", String(2n ** 53n - 1n), String(2n ** 53n), "37774929999999998", "122419415500000012"];
  const numerals = [...mantissas, "9".repeat(18), "9".repeat(19)].flatMap((digits) => {
    const placed = Array.from({ length: 23 }, (_, places) => withPlaces(digits, places));
    return [...placed, ...placed.map((numeral) => `-${numeral}`)];
  });
  const read = numerals.map((numeral) => [amountOf(numeral), Number(numeral) + 0] as const);
  const known = read.filter(([amount]) => amount !== undefined);
  assert.deepStrictEqual(known.map(([amount]) => amount), known.map(([, wanted]) => wanted));
  assert.ok(read.length - known.length <= 4, `${read.length - known.length} unknown`);
});

/** Digits with a point before the last `places` of them. */
function withPlaces(digits: string, places: number): string {
  const padded = digits.padStart(places + 1, "0"), whole = padded.slice(0, padded.length - places);
  return places === 0 ? whole : `${whole}.${padded.slice(padded.length - places)}`;
}

Deno.test("TransactionDecoder leaves halves between two doubles to the text", () => {
  for (const digits of [2n ** 53n + 1n, 2n ** 53n + 3n, 2n ** 54n + 2n]) {
    assert.equal(amountOf(`${digits}.0`), undefined, `${digits}.0`);
  }
});

Deno.test("TransactionDecoder reads exponents itself where one rounding is enough", () => {
  for (const numeral of ["1e0", "1E+2", "12.5e-7", "0.00e5", "1e22", "1e-22", "9007199254740991e-22", "-4.50E1"]) {
    assert.equal(amountOf(numeral), Number(numeral) + 0, numeral);
  }
  for (const numeral of ["1e23", "1e-23", "9007199254740992e1"]) {
    assert.equal(amountOf(numeral), undefined, numeral);
  }
});
