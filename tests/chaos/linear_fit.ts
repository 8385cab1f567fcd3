/** A straight line through measurements, and whether it rises by more than they scatter. Pure. */

/** `y = at0 + slope × x`, by least squares. */
export interface LinearFit {
  readonly at0: number;
  readonly slope: number;
  /** Standard deviation of the measurements around the line. */
  readonly scatter: number;
  /** How much the line rises from the first measurement to the last. */
  readonly rise: number;
}

/** The line through points in the order of x. @throws {RangeError} with fewer than 3 points */
export function fitLine(points: readonly (readonly [x: number, y: number])[]): LinearFit {
  const [first, last] = [points[0], points.at(-1)], count = points.length;
  if (first === undefined || last === undefined || count < 3) {
    throw new RangeError(`Cannot fit a line: there are ${count} points, at least 3 are needed`);
  }
  const mean = (of: (point: readonly [number, number]) => number) => points.reduce((s, p) => s + of(p), 0) / count;
  const meanX = mean(([x]) => x), meanY = mean(([, y]) => y);
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const slope = spread === 0 ? 0 : points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
  const at0 = meanY - slope * meanX;
  const scatter = Math.sqrt(points.reduce((sum, [x, y]) => sum + (y - at0 - slope * x) ** 2, 0) / (count - 2));
  return { at0, slope, scatter, rise: slope * (last[0] - first[0]) };
}

/** Whether the line rises by no more than the measurements scatter around it, or than `slack`. */
export function isFlat({ rise, scatter }: LinearFit, slack: number): boolean {
  return rise <= Math.max(2 * scatter, slack);
}
