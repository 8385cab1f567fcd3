/** What the store lets go of, in the transaction of a write. */
import { type Database, integerIn, type Statement } from "./database.ts";
import type { SeriesTable } from "./series_table.ts";

/** Bounds, and what must hear of what goes. */
export interface StoreRetentionOptions {
  readonly series: SeriesTable;
  readonly maxBytes: number;
}

/** How many points go for each one written while the file is too large. */
const REMOVED_PER_WRITTEN = 2;

/** A removal of more than so many points lets others write in between. */
const REMOVED_AT_ONCE = 20_000;

/** Removes the oldest points of a measurement, whole instants at a time. */
export class StoreRetention {
  readonly #database: Database;
  readonly #options: StoreRetentionOptions;
  readonly #nth: Statement;
  readonly #remove: Statement;

  constructor(database: Database, options: StoreRetentionOptions) {
    this.#database = database;
    this.#options = options;
    this.#nth = database.prepare("SELECT time_ms FROM points WHERE measurement = ? ORDER BY time_ms LIMIT 1 OFFSET ?");
    this.#remove = database.prepare("DELETE FROM points WHERE measurement = ? AND time_ms < ?");
  }

  /** After `written` points of a measurement. */
  apply(measurementId: number, written: number): void {
    const keepFromMs = this.#bySize(measurementId, written);
    if (keepFromMs === -Infinity || Number(this.#remove.run(measurementId, keepFromMs).changes) === 0) return;
    this.#options.series.removeOlder(measurementId, keepFromMs);
  }

  /** Removes some of the points before `beforeMs`, the oldest first; false when there are no more. */
  removeSome(measurementId: number, beforeMs: number): boolean {
    const row = this.#nth.get(measurementId, REMOVED_AT_ONCE);
    const upToMs = row === undefined ? beforeMs : Math.min(beforeMs, integerIn(row, "time_ms") + 1);
    this.#remove.run(measurementId, upToMs);
    if (upToMs < beforeMs) return true;
    this.#options.series.removeOlder(measurementId, beforeMs);
    return false;
  }

  #bySize(measurementId: number, written: number): number {
    const { maxBytes } = this.#options;
    if (maxBytes === Infinity || this.#database.usedBytes() <= maxBytes) return -Infinity;
    const row = this.#nth.get(measurementId, written * REMOVED_PER_WRITTEN);
    return row === undefined ? -Infinity : integerIn(row, "time_ms");
  }
}
