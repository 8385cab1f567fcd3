/** The tables of `log.db`. */
import type { DatabaseOptions } from "./database.ts";

/**
 * How `log.db` is opened. A power cut may take the newest appends and commits with it, always the newest first: a
 * commit is never there without what was appended before it. The store must not lose what was committed on its
 * account, so it is opened to outlive a power cut.
 */
export const LOG_DATABASE: DatabaseOptions = {
  applicationId: 0x54_4c_59_4c, // "TLYL".
  outlives: "process",
  schema: [[
    "CREATE TABLE topics (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE)",
    `CREATE TABLE partitions (
      id INTEGER PRIMARY KEY AUTOINCREMENT, topic INTEGER NOT NULL, partition INTEGER NOT NULL,
      first_offset INTEGER NOT NULL, end_offset INTEGER NOT NULL, bytes INTEGER NOT NULL, UNIQUE (topic, partition))`,
    `CREATE TABLE batches (
      id INTEGER PRIMARY KEY, partition INTEGER NOT NULL, base_offset INTEGER NOT NULL, next_offset INTEGER NOT NULL,
      append_ms INTEGER NOT NULL, byte_length INTEGER NOT NULL, batch BLOB NOT NULL)`,
    // Holds all but the bytes, so that finding a place never touches them.
    `CREATE UNIQUE INDEX batches_by_offset
      ON batches (partition, base_offset, next_offset, append_ms, byte_length)`,
    `CREATE TABLE commits (
      group_id TEXT NOT NULL, topic INTEGER NOT NULL, partition INTEGER NOT NULL, position INTEGER NOT NULL,
      metadata TEXT NOT NULL, PRIMARY KEY (group_id, topic, partition)) WITHOUT ROWID`,
    "CREATE TABLE generations (group_id TEXT PRIMARY KEY, generation INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE owner (only INTEGER PRIMARY KEY CHECK (only = 1), pid INTEGER NOT NULL, since_ms INTEGER NOT NULL)",
    `CREATE TABLE dead_letters (
      id INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
      reason TEXT NOT NULL, detail TEXT NOT NULL, time_ms INTEGER, value BLOB, UNIQUE (topic, partition, offset))`,
  ], [
    `CREATE TABLE amendments (
      topic TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
      PRIMARY KEY (topic, partition, offset)) WITHOUT ROWID`,
  ]],
};
