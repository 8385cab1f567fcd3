/**
 * Points in InfluxDB 2.x or 1.8.
 *
 * I1. Every line is acknowledged by a request of its own batch, or named as refused, before `write` resolves.
 * I2. A point that InfluxDB will never take harms no other.
 */
import type { Clock } from "../clock.ts";
import { tagValueOf, toLine } from "../domain/line_protocol.ts";
import type { Measurement, Point } from "../domain/point.ts";
import { ConfigError, RetryableError } from "../stream/failures.ts";
import type { PointQuery, RefusedPoint, Removal, Store, WriteResult } from "../stream/store.ts";
import type { InfluxConfig } from "./influx_config.ts";
import { InfluxConnection } from "./influx_connection.ts";
import { RejectedError } from "./influx_failure.ts";
import { deleteStatement, pointOf, type RowRange, selectStatement, tagValuesStatement } from "./influxql.ts";
import { comparePoints, compareText } from "./point_order.ts";

/** How a store works on its InfluxDB. */
export interface InfluxStoreOptions {
  readonly clock: Clock;
  /** Lines in one write request. @default 5000 */
  readonly batchLines?: number;
  /** Rows asked for in one read request. @default 20000 */
  readonly pageRows?: number;
}

interface Line {
  readonly point: Point;
  readonly text: string;
}

/** A comment: a write of nothing, answered like any other. */
const EMPTY_WRITE: readonly string[] = ["#"];

/** InfluxDB as a store. A rewrite keeps the fields that it leaves out. */
export class InfluxStore implements Store {
  readonly #connection: InfluxConnection;
  readonly #batchLines: number;
  readonly #pageRows: number;

  /** @throws {ConfigError} when a setting cannot work. */
  constructor(config: InfluxConfig, options: InfluxStoreOptions) {
    const { clock, batchLines = 5_000, pageRows = 20_000 } = options;
    for (const [name, value] of Object.entries({ batchLines, pageRows })) {
      if (!(Number.isInteger(value) && value > 0)) {
        throw new RangeError(`Cannot create InfluxDB store: ${name} must be a whole number > 0, got ${value}`);
      }
    }
    this.#connection = new InfluxConnection(config, clock);
    this.#batchLines = batchLines;
    this.#pageRows = pageRows;
  }

  /**
   * Writes points durably, one request after the other.
   *
   * Cost: one request a `batchLines` points. When InfluxDB refuses k of n lines of a batch without refusing all,
   * O(k log n) more requests, at most 2n, to find them.
   *
   * @throws {RetryableError | ConfigError}
   */
  async write(points: readonly Point[]): Promise<WriteResult> {
    const refused = new Map<Point, string>();
    for (let start = 0; start < points.length; start += this.#batchLines) {
      const lines = linesOf(points.slice(start, start + this.#batchLines), refused);
      if (lines.length > 0) await this.#writeLines(lines, refused);
    }
    return { refused: refused.size === 0 ? [] : points.flatMap((point) => refusalOf(point, refused)) };
  }

  /**
   * Adds fields to points: a rewrite of some fields.
   *
   * @throws {RetryableError | ConfigError | TypeError}
   */
  async amend(points: readonly Point[]): Promise<void> {
    const { refused: [first] } = await this.write(points);
    if (first !== undefined) throw new TypeError(`Cannot amend a point: ${first.reason}`);
  }

  /**
   * Reads points in the order of time, then tags.
   *
   * Cost: one request a `pageRows` rows; memory for a page, or with a limit for all points asked for.
   *
   * @throws {RetryableError | ConfigError}
   */
  async *read(query: PointQuery): AsyncIterable<Point> {
    const { limit, fromMs = 0, toMs = 0 } = query;
    if (Number.isNaN(fromMs + toMs)) throw new RangeError(`Cannot read points: from ${fromMs} to ${toMs} is no range`);
    if (limit === undefined) {
      for await (const page of this.#pages(query, "ASC")) yield* page;
      return;
    }
    if (!(Number.isInteger(limit) && limit >= 0)) {
      throw new RangeError(`Cannot read points: limit must be a whole number, got ${limit}`);
    }
    yield* await this.#newest(query, limit);
  }

  /**
   * The values of a tag, sorted by code point; an empty one is none.
   *
   * @throws {RetryableError | ConfigError}
   */
  async tagValues(
    { measurement, tag, limit }: { readonly measurement: Measurement; readonly tag: string; readonly limit: number },
  ): Promise<readonly string[]> {
    const rows = await this.#connection.query(tagValuesStatement(measurement, tag, limit));
    return rows.map((row) => tagValueOf(String(row[1]))).sort(compareText);
  }

  /**
   * Removes points; InfluxDB takes its time to free their space.
   *
   * @throws {RetryableError | ConfigError}
   */
  async remove({ measurement, beforeMs }: Removal): Promise<void> {
    await this.#connection.execute(deleteStatement(measurement, beforeMs));
  }

  /**
   * Resolves when InfluxDB takes our writes and answers our reads.
   *
   * @throws {RetryableError} when it cannot now.
   * @throws {ConfigError} when the token or the bucket is wrong.
   */
  async ping(): Promise<void> {
    await this.#connection.write(EMPTY_WRITE);
    // Every bucket has a policy; InfluxDB 2.x shows none of a bucket that the token may not read.
    const policies = await this.#connection.query("SHOW RETENTION POLICIES");
    if (policies.length > 0) return;
    throw new ConfigError("Cannot read from InfluxDB: the token may only write; set INFLUX_TOKEN to one that may read");
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#connection[Symbol.dispose]();
    return Promise.resolve();
  }

  /** Writes the lines of a batch; halves what InfluxDB rejects until only the lines at fault are left. */
  async #writeLines(lines: readonly Line[], refused: Map<Point, string>): Promise<void> {
    const runs = [lines];
    let checked = false;
    for (let run = runs.pop(); run !== undefined; run = runs.pop()) {
      const rejection = await this.#rejectionOf(run.map(({ text }) => text));
      if (rejection === undefined) continue;
      if (!checked) await this.#checkEmptyWrite();
      checked = true;
      if (run.length === 1 || rejection.dropped >= run.length) {
        for (const { point } of run) refused.set(point, rejection.reason);
        continue;
      }
      const half = run.length >> 1;
      // The later half waits below: of two points of one name the later must be written last.
      runs.push(run.slice(half), run.slice(0, half));
    }
  }

  /** A request that is rejected without a line in it says nothing about lines. */
  async #checkEmptyWrite(): Promise<void> {
    const rejection = await this.#rejectionOf(EMPTY_WRITE);
    if (rejection === undefined) return;
    throw new RetryableError(`Cannot write to InfluxDB: it rejects even an empty write: ${rejection.reason}`, {
      cause: rejection,
    });
  }

  async #rejectionOf(lines: readonly string[]): Promise<RejectedError | undefined> {
    try {
      await this.#connection.write(lines);
      return undefined;
    } catch (error) {
      if (error instanceof RejectedError) return error;
      throw error;
    }
  }

  async #newest(query: PointQuery, limit: number): Promise<readonly Point[]> {
    const pages: (readonly Point[])[] = [];
    let count = 0;
    for await (const page of limit === 0 ? [] : this.#pages(query, "DESC")) {
      pages.unshift(page);
      count += page.length;
      if (count >= limit) break;
    }
    return pages.flat().slice(-limit);
  }

  /** Pages that hold whole instants: a page cut inside one gives that instant up to the next. */
  async *#pages(query: PointQuery, order: RowRange["order"]): AsyncGenerator<readonly Point[]> {
    const { measurement, tags = {}, limit = this.#pageRows } = query;
    const pageRows = Math.min(limit, this.#pageRows);
    let { fromMs = -Infinity, toMs = Infinity } = query;
    while (fromMs < toMs) {
      const page = await this.#select({ measurement, tags, fromMs, toMs, order, limit: pageRows });
      const cutMs = page.at(order === "ASC" ? -1 : 0)?.timeMs;
      if (cutMs === undefined || page.length < pageRows) return yield page;
      const whole = page.filter(({ timeMs }) => timeMs !== cutMs), stuck = whole.length === 0;
      if (order === "ASC") fromMs = stuck ? cutMs + 1 : cutMs;
      else toMs = stuck ? cutMs : cutMs + 1;
      const instant = { measurement, tags, fromMs: cutMs, toMs: cutMs + 1, order, limit: 0 };
      yield stuck ? await this.#select(instant) : whole;
    }
  }

  async #select(range: RowRange): Promise<readonly Point[]> {
    const rows = await this.#connection.query(selectStatement(range));
    return rows.map((row) => pointOf(range.measurement, row)).sort(comparePoints);
  }
}

/** The lines of those points that have one. */
function linesOf(points: readonly Point[], refused: Map<Point, string>): readonly Line[] {
  const lines: Line[] = [];
  for (const point of points) {
    try {
      lines.push({ point, text: toLine(point) });
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
      refused.set(point, error.message);
    }
  }
  return lines;
}

function refusalOf(point: Point, refused: ReadonlyMap<Point, string>): readonly RefusedPoint[] {
  const reason = refused.get(point);
  return reason === undefined ? [] : [{ point, reason }];
}
