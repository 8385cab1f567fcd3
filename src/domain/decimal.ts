/** Decimal numbers to the nearest double, exactly as `Number(text)` gives them, without the text. */

/** Powers of ten that a double holds exactly: 10^0 to 10^22. */
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

const EXACT_BELOW = 2 ** 53;

/** Splits a double into two of 26 bits each (Veltkamp). */
const SPLITTER = 2 ** 27 + 1;

/** 10^exponent for 0 to 22, NaN for any other. */
export function powerOfTen(exponent: number): number {
  return POWERS[exponent] ?? NaN;
}

/**
 * The double nearest to `(value + error) × 10^exponent`, or NaN when only the text can tell.
 *
 * `value` is a whole number and `error` what it lost when it was rounded to a double. Below 2^53 and with
 * `|exponent| <= 22` one rounding does. Longer ones, as the 17 digits that most languages print a coordinate with, are
 * divided in double-double arithmetic, and the quotient is taken when its error bound leaves one answer.
 *
 * Source: W. D. Clinger, How to read floating point numbers accurately (1990); products after T. J. Dekker (1971); the
 * final test after A. Ziv (1991).
 */
export function scaled(value: number, error: number, exponent: number): number {
  if (exponent === 0) return value;
  const power = powerOfTen(exponent < 0 ? -exponent : exponent);
  if (value < EXACT_BELOW) return exponent < 0 ? value / power : value * power;
  return exponent < 0 ? quotient(value, error, power) : NaN;
}

function quotient(value: number, error: number, power: number): number {
  const first = value / power;
  const second = (remainder(value, first, power) + error) / power;
  const slack = Math.abs(second) * 2 ** -40;
  const nearest = first + (second - slack);
  return nearest === first + (second + slack) ? nearest : NaN;
}

/** `value - first × power` without rounding, for `first` the rounded quotient of the two. */
function remainder(value: number, first: number, power: number): number {
  const product = first * power;
  const firstHigh = highHalf(first);
  const firstLow = first - firstHigh;
  const powerHigh = highHalf(power);
  const powerLow = power - powerHigh;
  const lost = firstLow * powerLow -
    (((product - firstHigh * powerHigh) - firstLow * powerHigh) - firstHigh * powerLow);
  return (value - product) - lost;
}

function highHalf(value: number): number {
  const wide = SPLITTER * value;
  return wide - (wide - value);
}
