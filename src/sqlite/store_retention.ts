/** What the store lets go of, in the transaction of a write. */
import { type Database, integerIn, type Statement } from "./database.ts";
import type { SeriesTable } from "./series_table.ts";

/** Bounds, and what must hear of what goes. */
export interface StoreRetentionOptions {
  readonly series: SeriesTable;
  readonly retentionMs: number;
  readonly maxBytes: number;
}

/** How many points go for each one written while the file is too large. */
const REMOVED_PER_WRITTEN = 2;

/** Removes the oldest points of a measurement, whole instants at a time. */
export class StoreRetention {
  readonly #database: Database;
  readonly #options: StoreRetentionOptions;
  readonly #newest: Statement;
  readonly #nth: Statement;
  readonly #remove: Statement;

  constructor(database: Database, options: StoreRetentionOptions) {
    this.#database = database;
    this.#options = options;
    this.#newest = database.prepare("SELECT max(time_ms) AS time_ms FROM points WHERE measurement = ?");
    this.#nth = database.prepare("SELECT time_ms FROM points WHERE measurement = ? ORDER BY time_ms LIMIT 1 OFFSET ?");
    this.#remove = database.prepare("DELETE FROM points WHERE measurement = ? AND time_ms < ?");
  }

  /** After `written` points of a measurement. */
  apply(measurementId: number, written: number): void {
    const keepFromMs = Math.max(this.#byAge(measurementId), this.#bySize(measurementId, written));
    if (keepFromMs === -Infinity || Number(this.#remove.run(measurementId, keepFromMs).changes) === 0) return;
    this.#options.series.removeOlder(measurementId, keepFromMs);
  }

  #byAge(measurementId: number): number {
    const { retentionMs } = this.#options;
    if (retentionMs === Infinity) return -Infinity;
    return integerIn(this.#newest.get(measurementId), "time_ms") - retentionMs;
  }

  #bySize(measurementId: number, written: number): number {
    const { maxBytes } = this.#options;
    if (maxBytes === Infinity || this.#database.usedBytes() <= maxBytes) return -Infinity;
    const row = this.#nth.get(measurementId, written * REMOVED_PER_WRITTEN);
    return row === undefined ? -Infinity : integerIn(row, "time_ms");
  }
}
