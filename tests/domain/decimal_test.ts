import assert from "node:assert/strict";
import { powerOfTen, scaled } from "../../src/domain/decimal.ts";

/** `digits × 10^exponent` as the reader of numerals hands it over: rounded, with what the rounding lost. */
function scaledDigits(digits: bigint, exponent: number): number {
  const value = Number(digits);
  return scaled(value, Number(digits - BigInt(value)), exponent);
}

Deno.test("powerOfTen() is exact from 0 to 22 and NaN elsewhere", () => {
  for (let exponent = 0; exponent <= 22; exponent++) {
    assert.equal(BigInt(powerOfTen(exponent)), 10n ** BigInt(exponent));
  }
  for (const exponent of [-1, 23, 0.5]) assert.ok(Number.isNaN(powerOfTen(exponent)));
});

Deno.test("scaled() is Number() of the text or NaN, and NaN only where a double lies as near", () => {
  const mantissas = [
    0n,
    1n,
    2n ** 53n - 1n,
    2n ** 53n,
    2n ** 53n + 1n,
    37774929999999998n,
    122419415500000012n,
    10n ** 18n - 1n,
  ];
  let unknown = 0;
  for (const digits of mantissas) {
    for (let exponent = -22; exponent <= 0; exponent++) {
      const got = scaledDigits(digits, exponent);
      if (Number.isNaN(got)) unknown++;
      else assert.equal(got, Number(`${digits}e${exponent}`), `${digits}e${exponent}`);
    }
  }
  assert.ok(unknown < 3, `${unknown} unknown`);
});

Deno.test("scaled() leaves halves between two doubles to the text", () => {
  for (const digits of [2n ** 53n + 1n, 2n ** 53n + 3n, 2n ** 54n + 2n]) {
    assert.ok(Number.isNaN(scaledDigits(digits * 10n, -1)), `${digits}.0`);
  }
});

Deno.test("scaled() leaves exponents past 22 and long mantissas with positive ones to the text", () => {
  assert.deepStrictEqual([scaled(1, 0, 22), scaled(1, 0, -22)], [1e22, 1e-22]);
  assert.deepStrictEqual([scaled(1, 0, 23), scaled(1, 0, -23), scaled(2 ** 53, 0, 1)], [NaN, NaN, NaN]);
});
