/** What is kept by region: sums of panes and what follows from them. Quantiles, extremes and customers are not. Pure. */

const KEPT = new Set([
  "transaction_count",
  "transactions_per_minute",
  "amount_sum",
  "avg_amount",
  "fraud_count",
  "fraud_rate",
  "final",
]);

/**
 * Those of fields, or columns of fields, that a choice of region leaves.
 *
 * @template {{ field: string }} T
 * @param {T[]} fields
 * @param {string} region empty for all regions together, which leaves all
 */
export function keptOf(fields, region) {
  return region === "" ? fields : fields.filter(({ field }) => KEPT.has(field));
}
