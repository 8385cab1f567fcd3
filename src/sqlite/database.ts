/**
 * One SQLite file of ours: opened with its schema, written in transactions, its errors told apart.
 *
 * I1. A file that is not ours, or from a newer Tally, is refused before anything is written to it.
 * I2. Every error leaves as `RetryableError` or `ConfigError`, never as SQLite's own, and with its transaction undone.
 */
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from "node:sqlite";
import { ConfigError } from "../stream/failures.ts";
import { sqliteFailure } from "./sqlite_failure.ts";

/** What kind of file it is. */
export interface DatabaseOptions {
  /** Marks the file as ours and of this kind: SQLite's `application_id`. */
  readonly applicationId: number;
  /** Statements by version: those of the first make an empty file ready, each of the others one of the version before. */
  readonly schema: readonly (readonly string[])[];
  /**
   * What an acknowledged transaction outlives: the death of the process, or a power cut too (one fsync each).
   * @default "process"
   */
  readonly outlives?: "process" | "powerCut";
  /** How long a transaction waits for another process's. @default 1_000 */
  readonly busyMs?: number;
}

/** A row as SQLite gives it. */
export type Row = Readonly<Record<string, SQLOutputValue>>;

/** A prepared statement; parameters by position. */
export interface Statement {
  run(...values: SQLInputValue[]): { readonly changes: number | bigint };
  get(...values: SQLInputValue[]): Row | undefined;
  all(...values: SQLInputValue[]): readonly Row[];
  iterate(...values: SQLInputValue[]): Iterable<Row>;
}

/** An open file. */
export class Database implements Disposable {
  readonly path: string;
  readonly #handle: DatabaseSync;
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #rollback: Statement;
  readonly #dataVersion: Statement;

  private constructor(path: string, handle: DatabaseSync) {
    this.path = path;
    this.#handle = handle;
    this.#begin = handle.prepare("BEGIN IMMEDIATE");
    this.#commit = handle.prepare("COMMIT");
    this.#rollback = handle.prepare("ROLLBACK");
    this.#dataVersion = handle.prepare("PRAGMA data_version");
  }

  /**
   * Opens the file, and makes it if there is none.
   *
   * @throws {ConfigError} when it is not ours, damaged, or cannot be opened; {RetryableError} when it is busy.
   */
  static open(path: string, options: DatabaseOptions): Database {
    const { outlives = "process", busyMs = 1_000 } = options;
    const handle = openFile(path, busyMs);
    try {
      const isOld = versionOf(path, handle, options) < options.schema.length;
      for (const pragma of ["journal_mode = WAL", `synchronous = ${outlives === "process" ? "NORMAL" : "FULL"}`]) {
        handle.prepare(`PRAGMA ${pragma}`).get();
      }
      const database = new Database(path, handle);
      if (isOld) database.transaction("bring the file up to date", () => database.#update(options));
      return database;
    } catch (cause) {
      handle.close();
      throw sqliteFailure(cause, { action: "open the file", path });
    }
  }

  prepare(sql: string): Statement {
    return this.attempt("prepare a statement", () => this.#handle.prepare(sql));
  }

  /**
   * Does everything in `work` or nothing, alone among all processes; `work` must not wait.
   *
   * @throws {RetryableError} when it was not done; {ConfigError} when only a person can help.
   */
  transaction<T>(action: string, work: () => T): T {
    return this.attempt(action, () => {
      this.#begin.run();
      try {
        const result = work();
        this.#commit.run();
        return result;
      } catch (cause) {
        // SQLite has ended the transaction itself after some errors.
        if (this.#handle.isTransaction) this.#rollback.run();
        throw cause;
      }
    });
  }

  /** Runs `work` outside any transaction of its own, with the same errors. */
  attempt<T>(action: string, work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw sqliteFailure(cause, { action, path: this.path });
    }
  }

  /** A number that changes whenever another connection has committed. Cost: about 4 µs. */
  dataVersion(): number {
    return this.attempt("look for changes", () => integerIn(this.#dataVersion.get(), "data_version"));
  }

  /** The bytes of the file that hold something. */
  usedBytes(): number {
    const pragma = (name: string) => integerIn(this.#handle.prepare(`PRAGMA ${name}`).get(), name);
    return this.attempt(
      "measure the file",
      () => (pragma("page_count") - pragma("freelist_count")) * pragma("page_size"),
    );
  }

  [Symbol.dispose](): void {
    if (this.#handle.isOpen) this.#handle.close();
  }

  /** Another process may have been quicker. */
  #update(options: DatabaseOptions): void {
    const { applicationId, schema } = options, version = versionOf(this.path, this.#handle, options);
    for (const statement of schema.slice(version).flat()) this.#handle.prepare(statement).run();
    this.#handle.prepare(`PRAGMA application_id = ${applicationId}`).run();
    this.#handle.prepare(`PRAGMA user_version = ${schema.length}`).run();
  }
}

/** A column that holds a whole number. */
export function integerIn(row: Row | undefined, column: string): number {
  const value = row?.[column];
  if (typeof value !== "number") throw new TypeError(`Cannot read column ${column}: ${value} is no number`);
  return value;
}

/** A column that holds text. */
export function textIn(row: Row | undefined, column: string): string {
  const value = row?.[column];
  if (typeof value !== "string") throw new TypeError(`Cannot read column ${column}: ${value} is no text`);
  return value;
}

/** A column that holds bytes. */
export function bytesIn(row: Row | undefined, column: string): Uint8Array {
  const value = row?.[column];
  if (!(value instanceof Uint8Array)) throw new TypeError(`Cannot read column ${column}: ${value} is no bytes`);
  return value;
}

/**
 * Makes a folder for our files unless it is there.
 *
 * @throws {ConfigError} when that is not possible.
 */
export function makeDirectory(path: string): void {
  try {
    Deno.mkdirSync(path, { recursive: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(`Cannot make folder ${path}: ${reason}; choose another data directory`, { cause });
  }
}

function openFile(path: string, busyMs: number): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: busyMs });
  } catch (cause) {
    // The constructor gives no result code; every reason is one of the place, not of the moment.
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(`Cannot open ${path}: ${reason}; make its folder readable and writable`, { cause });
  }
}

/** The version of a file of ours; 0 when it is new. */
function versionOf(path: string, handle: DatabaseSync, { applicationId, schema }: DatabaseOptions): number {
  const found = integerIn(handle.prepare("PRAGMA application_id").get(), "application_id");
  const version = integerIn(handle.prepare("PRAGMA user_version").get(), "user_version");
  const tables = integerIn(handle.prepare("SELECT count(*) AS tables FROM sqlite_schema").get(), "tables");
  if (found === 0 && tables === 0) return 0;
  if (found !== applicationId) {
    throw new ConfigError(
      `Cannot open ${path}: another program wrote it (application id ${found}); move it away, or choose another data directory`,
    );
  }
  if (version > schema.length) {
    throw new ConfigError(
      `Cannot open ${path}: its schema version is ${version}, this Tally knows ${schema.length}; use the Tally that wrote it, or move it away`,
    );
  }
  return version;
}
