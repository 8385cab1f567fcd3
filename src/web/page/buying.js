/** Who buys, how often, and who comes most often: from points of the windows that are ranked, one a minute. Pure. */

/** Fields of `transactions_customers`, and the purchases that their customers made. */
const BUCKETS = [
  { field: "bought_1", label: "1" },
  { field: "bought_2", label: "2" },
  { field: "bought_3", label: "3" },
  { field: "bought_4", label: "4" },
  { field: "bought_5_to_9", label: "5 to 9" },
  { field: "bought_10_or_more", label: "10 or more" },
];

/**
 * What is known of the customers of the newest window; undefined before there is one.
 *
 * @param {any[]} points of `transactions_customers`
 */
export function buyingOf(points) {
  const [point] = newestOf(points);
  if (point === undefined) return undefined;
  const { unique_customers: unique, repeat_customers: repeat, purchases } = point;
  const shareOf = (customers) => unique > 0 ? customers / unique : undefined;
  return {
    timeMs: Date.parse(point.time),
    unique,
    repeat,
    repeatShare: shareOf(repeat),
    perCustomer: unique > 0 ? purchases / unique : undefined,
    median: point.purchases_p50,
    buckets: BUCKETS.map(({ field, label }) => ({
      label,
      customers: point[field] ?? 0,
      share: shareOf(point[field] ?? 0),
    })),
  };
}

/**
 * The first of the newest window, in their order; those are left out whose count says nothing, because the counts may be
 * wrong by as much.
 *
 * @param {any[]} points of `transactions_top`
 * @param {"merchant" | "customer"} kind
 */
export function rankedOf(points, kind) {
  const all = newestOf(points.filter((point) => point.kind === kind)).sort((a, b) => Number(a.rank) - Number(b.rank));
  const ranks = all.filter(({ count, error }) => count > error);
  return {
    timeMs: all.length === 0 ? undefined : Date.parse(all[0].time),
    error: all[0]?.error ?? 0,
    left: all.length - ranks.length,
    ranks: ranks.map(({ rank, name, count, error, share }) => ({ rank: Number(rank), name, count, error, share })),
  };
}

/** @param {any[]} points */
function newestOf(points) {
  const newestMs = points.reduce((newest, { time }) => Math.max(newest, Date.parse(time)), -Infinity);
  return points.filter(({ time }) => Date.parse(time) === newestMs);
}
