/** What has changed most against the window before. Pure. */

/**
 * How surprising it is that `after` follows `before`: the difference in standard deviations, were both of one rate.
 *
 * Source: the difference of two Poisson counts has the variance of their sum.
 *
 * @param {number} before
 * @param {number} after
 */
function surprise(before, after) {
  return (after - before) / Math.sqrt(Math.max(1, before + after));
}

/**
 * The categories whose number of transactions moved most, the most surprising first.
 *
 * @param {{ category: string, colour: number, point: any, before: any }[]} rows
 * @param {number} limit
 */
export function moversOf(rows, limit) {
  return rows
    .filter(({ before }) => before !== undefined)
    .map(({ category, colour, point, before }) => ({
      category,
      colour,
      before: before.transactions_per_minute,
      after: point.transactions_per_minute,
      share: shareOf(before.transaction_count, point.transaction_count),
      surprise: surprise(before.transaction_count, point.transaction_count),
    }))
    .sort((a, b) => Math.abs(b.surprise) - Math.abs(a.surprise))
    .slice(0, limit);
}

/**
 * How much more `after` is than `before`, as a share; undefined from nothing or to what is not known.
 *
 * @param {number | undefined} before
 * @param {number | undefined} after
 */
export function shareOf(before, after) {
  return before === undefined || after === undefined || before === 0 ? undefined : after / before - 1;
}
