/** Reads points in pages of a stretch of time each. */
import type { Clock } from "../clock.ts";
import type { Point } from "../domain/point.ts";
import type { PointQuery } from "../stream/store.ts";
import { bytesIn, type Database, integerIn, type Row, textIn } from "./database.ts";
import type { MeasurementRow } from "./measurement_table.ts";

/** A page ends with the instant that brings it to this many points of the measurement. */
const PAGE_POINTS = 2_000;
const FIRST_MS = Number.MIN_SAFE_INTEGER;
const PAST_LAST_MS = Number.MAX_SAFE_INTEGER;

/** What a read is about, its defaults filled in. */
interface Scan {
  readonly row: MeasurementRow;
  readonly query: PointQuery;
  readonly fromMs: number;
  readonly toMs: number;
  /** The numbers of the series asked for, as JSON; null: all. */
  readonly series: string | null;
}

const IN_RANGE = `measurement = ?1 AND time_ms >= ?2 AND time_ms < ?3
  AND (?4 IS NULL OR series IN (SELECT value FROM json_each(?4)))`;

/** Reads points of a store. */
export class PointReader {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Points in the order of time, then tags. Lets other work of this thread run between pages. */
  async *read(row: MeasurementRow, query: PointQuery): AsyncGenerator<Point> {
    const { limit = Infinity } = query;
    if (!(limit > 0)) return;
    const all = this.#scan(row, query);
    const { skip, scan } = limit === Infinity ? { skip: 0, scan: all } : this.#newest(all, limit);
    const names = new Map<number, Readonly<Record<string, string>>>();
    let left = skip;
    for (let fromMs = scan.fromMs; fromMs < scan.toMs;) {
      const toMs = this.#pageEnd({ ...scan, fromMs });
      for (const found of this.#page({ ...scan, fromMs, toMs })) {
        if (left-- <= 0) yield pointOf(found, scan, names);
      }
      fromMs = toMs;
      await new Promise<void>((resolve) => this.#clock.yield(resolve));
    }
  }

  #scan(row: MeasurementRow, query: PointQuery): Scan {
    const { fromMs = FIRST_MS, toMs = PAST_LAST_MS, tags = {} } = query;
    return { row, query, fromMs, toMs, series: this.#seriesWith(row, Object.entries(tags)) };
  }

  #seriesWith(row: MeasurementRow, wanted: readonly (readonly [string, string])[]): string | null {
    if (wanted.length === 0) return null;
    const rows = this.#all("SELECT id, tags FROM series WHERE measurement = ?", [row.id]);
    const matching = rows.filter((one) => {
      const tags = tagsOf(row, textIn(one, "tags"));
      return wanted.every(([name, value]) => tags[name] === value);
    });
    return JSON.stringify(matching.map((one) => integerIn(one, "id")));
  }

  /** Where the newest `limit` points begin, and how many of that instant's are too many. */
  #newest(scan: Scan, limit: number): { readonly scan: Scan; readonly skip: number } {
    const values = [scan.row.id, scan.fromMs, scan.toMs, scan.series];
    const nth = `SELECT time_ms FROM points WHERE ${IN_RANGE} ORDER BY time_ms DESC LIMIT 1 OFFSET ?5`;
    const [oldest] = this.#all(nth, [...values, limit - 1]);
    if (oldest === undefined) return { scan, skip: 0 };
    const fromMs = integerIn(oldest, "time_ms");
    const count = `SELECT count(*) AS points FROM points WHERE ${IN_RANGE}`;
    const [counted] = this.#all(count, [scan.row.id, fromMs, scan.toMs, scan.series]);
    return { scan: { ...scan, fromMs }, skip: integerIn(counted, "points") - limit };
  }

  /** The end of the next page, exclusive: never inside an instant. */
  #pageEnd({ row, fromMs, toMs }: Scan): number {
    const [next] = this.#all(
      `SELECT time_ms FROM points WHERE measurement = ? AND time_ms >= ? AND time_ms < ?
        ORDER BY time_ms LIMIT 1 OFFSET ?`,
      [row.id, fromMs, toMs, PAGE_POINTS],
    );
    return next === undefined ? toMs : Math.max(integerIn(next, "time_ms"), fromMs + 1);
  }

  #page({ row, fromMs, toMs, series }: Scan): readonly Row[] {
    // CROSS JOIN keeps the points outside: their key is in order of time already.
    return this.#all(
      `SELECT time_ms, series, fields, tags FROM points CROSS JOIN series AS s ON s.id = series
        WHERE points.${IN_RANGE} ORDER BY time_ms, sort_key, series`,
      [row.id, fromMs, toMs, series],
    );
  }

  #all(sql: string, values: (number | string | null)[]): readonly Row[] {
    return this.#database.attempt("read points", () => this.#database.prepare(sql).all(...values));
  }
}

function pointOf(found: Row, { row, query }: Scan, names: Map<number, Readonly<Record<string, string>>>): Point {
  const series = integerIn(found, "series");
  const tags = names.get(series) ?? tagsOf(row, textIn(found, "tags"));
  names.set(series, tags);
  const fields = row.codec.decode(bytesIn(found, "fields"));
  return { measurement: query.measurement, tags, timeMs: integerIn(found, "time_ms"), fields };
}

function tagsOf(row: MeasurementRow, json: string): Readonly<Record<string, string>> {
  const values: unknown = JSON.parse(json);
  if (!Array.isArray(values)) throw new TypeError("Cannot read series: its tags are no array");
  return Object.fromEntries(row.tags.map((tag, index) => [tag, String(values[index] ?? "")]));
}
