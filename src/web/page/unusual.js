/** What is unusual, as the page shows it: from points of the store and of the stream. Pure. */

/** Final points with a lower score were claims that turned out to be usual. */
const UNUSUAL_SCORE = 0.999_999;

/** @param {any} point */
const nameOf = ({ time, category, metric, region }) => JSON.stringify([time, category, metric, region ?? ""]);

/**
 * Points of `transactions_anomaly`, oldest first, with those that the stream has brought since they were read.
 *
 * @param {any[]} known
 * @param {any[]} fresh
 * @param {string} category of which they are; empty: of all
 */
export function withFresh(known, fresh, category) {
  const points = new Map(known.map((point) => [nameOf(point), point]));
  for (const point of fresh) {
    if (point.measurement !== "transactions_anomaly" || (category !== "" && point.category !== category)) continue;
    points.set(nameOf(point), point);
  }
  return [...points.values()].sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
}

/**
 * Without the claims that turned out to be usual.
 *
 * @param {any[]} points
 */
export function unusualOf(points) {
  return points.filter(({ final, score }) => final !== true || score >= UNUSUAL_SCORE);
}

/**
 * The incidents that last, the one that began last first.
 *
 * @param {any[]} incidents points of `transactions_incident`
 */
export function openOf(incidents) {
  return incidents.filter(({ open }) => open === true).sort((a, b) => Date.parse(b.time) - Date.parse(a.time));
}
