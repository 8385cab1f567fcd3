/**
 * The answer of `/api/series`: windows as columns, for charts.
 *
 * I1. Whole or refused, like `/api/points`: a range that holds more than `maxPoints` is a 400.
 * I2. Shape: `{times, series: [{category, window, fields: {name: [value or null, one a time]}}]}`; times are the ends of
 *     windows, ms. With a region the windows are folded from `transactions_total`, and have no other fields than those;
 *     hours and days are windows of that length.
 */
import type { FieldValue, Point } from "../domain/point.ts";
import type { PointQuery } from "../stream/store.ts";
import type { RegionsQuery, SeriesQuery } from "./series_query.ts";
import { foldWindows } from "./region_windows.ts";
import { regionsOf, type RollUp, windowsOf } from "./roll_up_windows.ts";
import type { RegionTotals } from "../stream/region_history.ts";
import type { Views } from "./views.ts";

/** Windows of many categories as columns. */
export interface SeriesColumns {
  readonly times: readonly number[];
  readonly series: readonly {
    readonly category: string;
    readonly window: string;
    readonly fields: Readonly<Record<string, readonly (FieldValue | null)[]>>;
  }[];
}

/** How many hours or days of a category and region one answer may be made of; no more than one is in memory at a time. */
export const MAX_ROLL_UPS = 1_000_000;

/** Reads windows for charts. @throws {SyntaxError} when there are more than `maxPoints` of them */
export async function readSeries(views: Views, query: SeriesQuery, maxPoints: number): Promise<SeriesColumns> {
  const { points, stepMs, windowMs, rollUp } = query, { fromMs = 0, tags = {} } = points;
  if (rollUp !== undefined) return columnsOf(await windowsOf(rolledUp(views, points, rollUp), rollUp));
  if (tags["region"] === undefined) {
    const found: Point[] = [];
    for await (const point of bounded(views.points(points), maxPoints)) {
      if (point.timeMs % stepMs === 0) found.push(point);
    }
    return columnsOf(found);
  }
  // The first window wanted begins a window's length before it ends.
  const panes = views.points({ ...points, fromMs: Math.max(0, fromMs - windowMs) });
  return columnsOf(await foldWindows(bounded(panes, maxPoints), { windowMs, stepMs, fromMs, maxWindows: maxPoints }));
}

/** Reads what each region brought in hours or days that end after a time. @throws {SyntaxError} when there are too many */
export async function readRegions(
  views: Views,
  query: RegionsQuery & { readonly rollUp: RollUp },
): Promise<RegionTotals> {
  const { fromMs, category, rollUp } = query, { measurement } = rollUp;
  const points = { measurement, fromMs, ...(category === undefined ? {} : { tags: { category } }) };
  return await regionsOf(rolledUp(views, points, rollUp), rollUp);
}

/** The hours or days that end in a range. */
function rolledUp(views: Views, points: PointQuery, { stretchMs }: RollUp): AsyncIterable<Point> {
  const { fromMs = 0, toMs } = points, ended = { fromMs: Math.max(0, fromMs - stretchMs) };
  const query = { ...points, ...ended, ...(toMs === undefined ? {} : { toMs: Math.max(0, toMs - stretchMs) }) };
  return bounded(views.points(query), MAX_ROLL_UPS);
}

async function* bounded(points: AsyncIterable<Point>, maxPoints: number): AsyncGenerator<Point> {
  let count = 0;
  for await (const point of points) {
    if (++count > maxPoints) {
      throw new SyntaxError(
        `Cannot read points: the range holds more than ${maxPoints}; bring from and to closer together`,
      );
    }
    yield point;
  }
}

/** Points in the order of time as columns; a window that a category has no point of is null. */
function columnsOf(points: readonly Point[]): SeriesColumns {
  const times = [...new Set(points.map(({ timeMs }) => timeMs))];
  const placeOf = new Map(times.map((timeMs, place) => [timeMs, place]));
  const groups = Map.groupBy(points, ({ tags }) => JSON.stringify([tags["category"], tags["window"]]));
  const series = [...groups.values()].map((group) => {
    const { category = "", window = "" } = group[0]?.tags ?? {};
    const fields: Record<string, (FieldValue | null)[]> = {};
    for (const { timeMs, fields: values } of group) {
      for (const [name, value] of Object.entries(values)) {
        fields[name] ??= Array.from(times, () => null);
        fields[name][placeOf.get(timeMs) ?? 0] = value;
      }
    }
    return { category, window, fields };
  });
  return { times, series };
}
