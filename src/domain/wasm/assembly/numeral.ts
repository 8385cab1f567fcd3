/** Numbers of JSON, as strict as `JSON.parse` and to the same double. */
import { byteAt, FAIL } from "./bytes";

/** Powers of ten that a double holds exactly: 10^0 to 10^22. */
// deno-fmt-ignore
const POWERS = memory.data<f64>([
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
], 8);

/** Digits that 64 bits hold, whatever they are. */
const MAX_DIGITS: i32 = 19;
const MAX_POWER: i32 = 22;
/** Past every exponent that means something, however many digits stand before it. */
const MAX_EXPONENT: i32 = 1_000_000;
const EXACT_BELOW: u64 = 1 << 53;

/** Splits a double into two of 26 bits each (Veltkamp): 2^27 + 1. */
const SPLITTER: f64 = 134217729;
/** 2^-40. */
const SLACK: f64 = 9.094947017729282e-13;

const MINUS: u32 = 0x2d;
const POINT: u32 = 0x2e;

/** The double that was read last, NaN where only its text tells the nearest one. */
export let numeralValue: f64 = 0;

/** The position after the numeral at `start`, or `FAIL`. It may read past the end, where a zero byte stops it. */
export function skipNumeral(start: i32): i32 {
  const first = start + i32(byteAt(start) == MINUS);
  let at = first;
  let mantissa: u64 = 0;
  for (let digit = byteAt(at) - 0x30; digit <= 9; digit = byteAt(++at) - 0x30) mantissa = mantissa * 10 + digit;
  const whole = at - first;
  if (whole == 0 || (whole > 1 && byteAt(first) == 0x30)) return FAIL;
  let fraction = 0;
  if (byteAt(at) == POINT) {
    const point = at++;
    for (let digit = byteAt(at) - 0x30; digit <= 9; digit = byteAt(++at) - 0x30) mantissa = mantissa * 10 + digit;
    fraction = at - point - 1;
    if (fraction == 0) return FAIL;
  }
  let exponent = -fraction;
  if ((byteAt(at) | 0x20) == 0x65) {
    at = skipExponent(at);
    exponent += exponentValue;
  }
  const isWide = whole + fraction > MAX_DIGITS && whole + fraction - leadingZeros(first) > MAX_DIGITS;
  const magnitude = isWide ? NaN : scaled(mantissa, exponent);
  numeralValue = first == start ? magnitude : -magnitude;
  return at;
}

/** How many zeros a numeral of many digits begins with. */
function leadingZeros(first: i32): i32 {
  if (byteAt(first) != 0x30) return 0;
  let at = first + 2;
  while (byteAt(at) == 0x30) at++;
  return at - first - 1;
}

let exponentValue: i32 = 0;

/** The position after an exponent that begins at `at` with its letter, or `FAIL`; leaves its value. */
function skipExponent(at: i32): i32 {
  const sign = byteAt(at + 1);
  const first = sign == 0x2b || sign == MINUS ? at + 2 : at + 1;
  let next = first;
  let value: i32 = 0;
  for (let digit = byteAt(next) - 0x30; digit <= 9; digit = byteAt(++next) - 0x30) {
    value = min(value * 10 + digit, MAX_EXPONENT);
  }
  exponentValue = sign == MINUS ? -value : value;
  return next > first ? next : FAIL;
}

/**
 * The double nearest to `mantissa × 10^exponent`, or NaN when only the text can tell.
 *
 * Below 2^53 one rounding does. Longer ones, as the 17 digits that most languages print a coordinate with, are divided
 * in double-double arithmetic, and the quotient is taken when its error bound leaves one answer.
 *
 * Source: W. D. Clinger, How to read floating point numbers accurately (1990); products after T. J. Dekker (1971); the
 * final test after A. Ziv (1991).
 */
@inline
function scaled(mantissa: u64, exponent: i32): f64 {
  if (exponent == 0) return f64(mantissa);
  if (abs(exponent) > MAX_POWER) return NaN;
  const power = load<f64>(POWERS + (abs(exponent) << 3));
  if (mantissa < EXACT_BELOW) return exponent < 0 ? f64(i64(mantissa)) / power : f64(i64(mantissa)) * power;
  return exponent < 0 ? quotient(mantissa, power) : NaN;
}

function quotient(mantissa: u64, power: f64): f64 {
  const rounded = f64(mantissa);
  const lost = f64(i64(mantissa - u64(rounded)));
  const first = rounded / power;
  const second = (remainder(rounded, first, power) + lost) / power;
  const slack = abs(second) * SLACK;
  const nearest = first + (second - slack);
  return nearest == first + (second + slack) ? nearest : NaN;
}

/** `value - first × power` without rounding, for `first` the rounded quotient of the two. */
function remainder(value: f64, first: f64, power: f64): f64 {
  const product = first * power;
  const firstHigh = highHalf(first);
  const firstLow = first - firstHigh;
  const powerHigh = highHalf(power);
  const powerLow = power - powerHigh;
  const lost = firstLow * powerLow -
    (((product - firstHigh * powerHigh) - firstLow * powerHigh) - firstHigh * powerLow);
  return (value - product) - lost;
}

@inline
function highHalf(value: f64): f64 {
  const wide = SPLITTER * value;
  return wide - (wide - value);
}
