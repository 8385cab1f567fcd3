/** The series of a store: every combination of tag values that some point has, once. */
import { Buffer } from "node:buffer";
import { type Database, integerIn, type Statement, textIn } from "./database.ts";

/** Tag values of one measurement. */
export interface SeriesName {
  readonly measurementId: number;
  /** In the order of the schema. */
  readonly values: readonly string[];
}

interface Series {
  readonly id: number;
  newestMs: number;
}

/** The most series remembered; beyond them all are forgotten and looked up anew. */
const MAX_CACHED = 200_000;

const encoder = new TextEncoder();

/** Finds and adds series, and knows the newest point of each. */
export class SeriesTable {
  readonly #database: Database;
  readonly #cache = new Map<string, Series>();
  readonly #changed = new Set<Series>();
  readonly #add: Statement;
  readonly #find: Statement;
  readonly #advance: Statement;
  readonly #removeOlder: Statement;
  readonly #values: Statement;
  #dataVersion = -1;

  constructor(database: Database) {
    this.#database = database;
    this.#add = database.prepare(
      `INSERT INTO series (measurement, tags, sort_key, newest_ms) VALUES (?, ?, ?, ?) RETURNING id, newest_ms`,
    );
    this.#find = database.prepare("SELECT id, newest_ms FROM series WHERE measurement = ? AND tags = ?");
    this.#advance = database.prepare("UPDATE series SET newest_ms = ? WHERE id = ?");
    // As JSON, because SQLite ends a text at a NUL.
    this.#values = database.prepare("SELECT DISTINCT tags -> ? AS value FROM series WHERE measurement = ?");
    this.#removeOlder = database.prepare("DELETE FROM series WHERE measurement = ? AND newest_ms < ?");
  }

  /** Begins a transaction: what other processes have changed is no longer believed. */
  begin(): void {
    const version = this.#database.dataVersion();
    if (version !== this.#dataVersion || this.#cache.size > MAX_CACHED) this.forget();
    this.#dataVersion = version;
  }

  /** The number of a series that gets a point at `timeMs`. */
  idOf({ measurementId, values }: SeriesName, timeMs: number): number {
    const tags = JSON.stringify(values);
    const key = `${measurementId} ${tags}`;
    let series = this.#cache.get(key);
    if (series === undefined) {
      const row = this.#find.get(measurementId, tags) ?? this.#add.get(measurementId, tags, sortKey(values), timeMs);
      series = { id: integerIn(row, "id"), newestMs: integerIn(row, "newest_ms") };
      this.#cache.set(key, series);
    }
    if (timeMs > series.newestMs) {
      series.newestMs = timeMs;
      this.#changed.add(series);
    }
    return series.id;
  }

  /** The number of a series that has points; undefined when there is none. */
  find({ measurementId, values }: SeriesName): number | undefined {
    const tags = JSON.stringify(values), known = this.#cache.get(`${measurementId} ${tags}`);
    if (known !== undefined) return known.id;
    const row = this.#find.get(measurementId, tags);
    return row === undefined ? undefined : integerIn(row, "id");
  }

  /** Ends a transaction: writes down what has changed. */
  save(): void {
    for (const { id, newestMs } of this.#changed) this.#advance.run(newestMs, id);
    this.#changed.clear();
  }

  /** The values of the tag at `index` of the schema, sorted by code point. */
  valuesOf(measurementId: number, index: number): readonly string[] {
    const rows = this.#values.all(`$[${index}]`, measurementId);
    const values = rows.map((row): unknown => JSON.parse(textIn(row, "value")));
    return values.map((value) => ({ value: String(value), bytes: encoder.encode(String(value)) }))
      .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
      .map(({ value }) => value);
  }

  /** Removes the series whose points are all older than `timeMs`; after `save`. */
  removeOlder(measurementId: number, timeMs: number): void {
    if (Number(this.#removeOlder.run(measurementId, timeMs).changes) > 0) this.forget();
  }

  /** Believes nothing any longer: a transaction was undone. */
  forget(): void {
    this.#cache.clear();
    this.#changed.clear();
  }
}

/** Bytes in whose order series stand in the order of their values: NUL ends a value, a NUL in it is marked with 255. */
function sortKey(values: readonly string[]): Uint8Array {
  const bytes: number[] = [];
  for (const value of values) {
    for (const byte of encoder.encode(value)) bytes.push(...(byte === 0 ? [0, 255] : [byte]));
    bytes.push(0);
  }
  return Uint8Array.from(bytes);
}
