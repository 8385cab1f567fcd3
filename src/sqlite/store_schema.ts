/** The tables of `store.db`. */
import type { DatabaseOptions } from "./database.ts";

/**
 * How `store.db` is opened: what a write has acknowledged outlives a power cut, because checkpoints are committed on
 * its account.
 */
export const STORE_DATABASE: DatabaseOptions = {
  applicationId: 0x54_4c_59_53, // "TLYS".
  outlives: "powerCut",
  schema: [[
    // `fields` is a JSON array of [name, kind]; a field's place in it stands for it in the points and never changes.
    "CREATE TABLE measurements (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, fields TEXT NOT NULL)",
    // `tags` is a JSON array in the order of the schema; bytewise order of `sort_key` is that of the values.
    `CREATE TABLE series (
      id INTEGER PRIMARY KEY AUTOINCREMENT, measurement INTEGER NOT NULL, tags TEXT NOT NULL, sort_key BLOB NOT NULL,
      newest_ms INTEGER NOT NULL, UNIQUE (measurement, tags))`,
    `CREATE TABLE points (
      measurement INTEGER NOT NULL, time_ms INTEGER NOT NULL, series INTEGER NOT NULL, fields BLOB NOT NULL,
      PRIMARY KEY (measurement, time_ms, series)) WITHOUT ROWID`,
  ]],
};
