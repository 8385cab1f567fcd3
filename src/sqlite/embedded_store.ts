/**
 * The embedded store: InfluxDB's part, for one machine, in one SQLite file.
 *
 * I1. A write is one transaction: all of it is there after a crash, or nothing.
 * I2. A read holds one page of points at a time and keeps no transaction open between pages: it blocks no writer.
 */
import type { Clock } from "../clock.ts";
import type { Measurement, Point } from "../domain/point.ts";
import type { PointQuery, RefusedPoint, Removal, Store, WriteResult } from "../stream/store.ts";
import { bytesIn, Database, makeDirectory, type Statement } from "./database.ts";
import { type MeasurementRow, measurementsOf } from "./measurement_table.ts";
import { PointReader } from "./point_reader.ts";
import { SeriesTable } from "./series_table.ts";
import { STORE_DATABASE } from "./store_schema.ts";
import { StoreRetention } from "./store_retention.ts";

/** Bounds of the embedded store. */
export interface EmbeddedStoreOptions {
  readonly clock: Clock;
  /**
   * Bytes of points: beyond them, each write removes twice as many of the oldest points as it brings.
   * @default 4_294_967_296, 4 GiB: some 30 million points
   */
  readonly maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 4 * 1024 ** 3;

/** Keeps points in `store.db`. */
export class EmbeddedStore implements Store {
  readonly #clock: Clock;
  readonly #database: Database;
  readonly #measurements: ReadonlyMap<Measurement, MeasurementRow>;
  readonly #series: SeriesTable;
  readonly #retention: StoreRetention;
  readonly #reader: PointReader;
  readonly #put: Statement;
  readonly #fieldsOf: Statement;
  readonly #amend: Statement;

  /**
   * Opens the store in `directory`, and makes both if need be.
   *
   * @throws {ConfigError} when its file is damaged, another program's, or cannot be opened.
   */
  constructor(directory: string, options: EmbeddedStoreOptions) {
    const { clock, maxBytes = DEFAULT_MAX_BYTES } = options;
    if (!(maxBytes > 0)) throw new RangeError(`Cannot open the store: maxBytes must be > 0, got ${maxBytes}`);
    this.#clock = clock;
    makeDirectory(directory);
    this.#database = Database.open(`${directory}/store.db`, STORE_DATABASE);
    this.#measurements = measurementsOf(this.#database);
    this.#series = new SeriesTable(this.#database);
    this.#retention = new StoreRetention(this.#database, { series: this.#series, maxBytes });
    this.#reader = new PointReader(this.#database, clock);
    this.#put = this.#database.prepare(
      `INSERT INTO points (measurement, time_ms, series, fields) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET fields = excluded.fields`,
    );
    const name = "measurement = ? AND time_ms = ? AND series = ?";
    this.#fieldsOf = this.#database.prepare(`SELECT fields FROM points WHERE ${name}`);
    this.#amend = this.#database.prepare(`UPDATE points SET fields = ? WHERE ${name}`);
  }

  write(points: readonly Point[]): Promise<WriteResult> {
    return Promise.try(() => {
      if (points.length === 0) return { refused: [] };
      try {
        return { refused: this.#database.transaction("write points", () => this.#writeAll(points)) };
      } catch (cause) {
        this.#series.forget();
        throw cause;
      }
    });
  }

  amend(points: readonly Point[]): Promise<void> {
    return Promise.try(() => {
      if (points.length === 0) return;
      this.#database.transaction("amend points", () => {
        this.#series.begin();
        for (const point of points) this.#amendOne(point);
      });
    });
  }

  read(query: PointQuery): AsyncIterable<Point> {
    return this.#reader.read(this.#measurement(query.measurement), query);
  }

  tagValues(query: { readonly measurement: Measurement; readonly tag: string; readonly limit: number }): Promise<
    readonly string[]
  > {
    return Promise.try(() => {
      const { id, tags } = this.#measurement(query.measurement);
      const index = tags.indexOf(query.tag);
      if (index < 0) return [];
      return this.#database.attempt("list tag values", () => this.#series.valuesOf(id, index)).slice(0, query.limit);
    });
  }

  async remove({ measurement, beforeMs }: Removal): Promise<void> {
    const { id } = this.#measurement(measurement);
    while (this.#database.transaction("remove points", () => this.#retention.removeSome(id, beforeMs))) {
      await new Promise<void>((resolve) => this.#clock.yield(resolve));
    }
  }

  ping(): Promise<void> {
    return Promise.try(() => {
      this.#database.attempt("ask the store", () => this.#database.prepare("SELECT count(*) FROM measurements").get());
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#database[Symbol.dispose]();
    return Promise.resolve();
  }

  #writeAll(points: readonly Point[]): readonly RefusedPoint[] {
    const refused: RefusedPoint[] = [];
    const written = new Map<number, number>();
    this.#series.begin();
    for (const point of points) {
      const row = this.#measurement(point.measurement);
      const reason = refusal(point, row);
      if (reason !== undefined) {
        refused.push({ point, reason });
        continue;
      }
      const { tags, timeMs, fields } = point;
      const values = row.tags.map((tag) => tags[tag] ?? "");
      this.#put.run(
        row.id,
        timeMs,
        this.#series.idOf({ measurementId: row.id, values }, timeMs),
        row.codec.encode(fields),
      );
      written.set(row.id, (written.get(row.id) ?? 0) + 1);
    }
    this.#series.save();
    for (const [measurementId, count] of written) this.#retention.apply(measurementId, count);
    return refused;
  }

  /** A point that is not there stays away. */
  #amendOne(point: Point): void {
    const row = this.#measurement(point.measurement), reason = refusal(point, row);
    if (reason !== undefined) throw new TypeError(`Cannot amend a point: ${reason}`);
    const series = this.#series.find({ measurementId: row.id, values: row.tags.map((tag) => point.tags[tag] ?? "") });
    if (series === undefined) return;
    const found = this.#fieldsOf.get(row.id, point.timeMs, series);
    if (found === undefined) return;
    const fields = { ...row.codec.decode(bytesIn(found, "fields")), ...point.fields };
    this.#amend.run(row.codec.encode(fields), row.id, point.timeMs, series);
  }

  #measurement(name: Measurement): MeasurementRow {
    const row = this.#measurements.get(name);
    if (row === undefined) throw new TypeError(`Cannot use measurement ${name}: it is not in the schema`);
    return row;
  }
}

/** Why a point can never be stored, or undefined. */
function refusal({ tags, timeMs, fields }: Point, row: MeasurementRow): string | undefined {
  if (!Number.isSafeInteger(timeMs)) return `time must be whole milliseconds, got ${timeMs}`;
  for (const name in tags) if (!row.tags.includes(name)) return `tag ${name} is not in the schema`;
  return row.codec.refusal(fields);
}
