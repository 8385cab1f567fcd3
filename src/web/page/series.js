/** From the columns of `/api/series` to points, and from points to what charts draw. Pure. */

/**
 * @typedef {{ timeMs: number, category: string, window: string, [field: string]: any }} WindowPoint
 * @typedef {{ times: number[], series: { category: string, window: string, fields: Record<string, any[]> }[] }} Columns
 */

/**
 * @param {Columns} columns
 * @param {string | undefined} window what to call windows that have another name; folded ones carry their length
 * @returns {WindowPoint[]}
 */
export function pointsOf({ times, series }, window = undefined) {
  return series.flatMap((one) => {
    const fields = Object.entries(one.fields);
    const at = (index) => {
      const point = { timeMs: times[index], category: one.category, window: window ?? one.window };
      for (const [name, values] of fields) if (values[index] !== null) point[name] = values[index];
      return point;
    };
    return one.fields.final.flatMap((final, index) => final === null ? [] : [at(index)]);
  });
}

/**
 * A point as the stream and `/api/points` give it.
 *
 * @param {Record<string, unknown>} flat
 * @returns {WindowPoint}
 */
export function pointOf({ time, ...flat }) {
  return { ...flat, timeMs: Date.parse(String(time)), category: String(flat.category), window: String(flat.window) };
}

/**
 * A category's values over the times of a view; null where it has none.
 *
 * @param {{ times: number[], point: (category: string, timeMs: number) => WindowPoint | undefined }} view
 * @param {{ category: string, field: string }} line
 * @returns {(number | null)[]}
 */
export function lineOf(view, { category, field }) {
  return view.times.map((timeMs) => view.point(category, timeMs)?.[field] ?? null);
}

/**
 * Lines laid one upon the other: each holds the sum of itself and those before it.
 *
 * @param {(number | null)[][]} lines
 * @returns {number[][]}
 */
export function stacked(lines) {
  const sums = [];
  for (const line of lines) {
    const below = sums.at(-1);
    sums.push(line.map((value, index) => (value ?? 0) + (below?.[index] ?? 0)));
  }
  return sums;
}
