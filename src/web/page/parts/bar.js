/** Bars that lie beside a number. */

/**
 * How wide a bar is: a share of the widest, at least a sliver for what is more than nothing.
 *
 * @param {number | undefined} value
 * @param {number} most
 */
export function widthOf(value, most) {
  return value === undefined || value <= 0 ? "0" : `max(2px, ${(value / most * 100).toFixed(2)}%)`;
}
