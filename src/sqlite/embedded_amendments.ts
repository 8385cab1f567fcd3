/** The amendments of the embedded log: a table, each record in it once. */
import type { Amendments, RecordName, RepairTurn } from "../stream/amendments.ts";
import { ConfigError } from "../stream/failures.ts";
import { integerIn } from "./database.ts";
import type { LogFile } from "./log_file.ts";
import { OwnerLock } from "./owner_lock.ts";

/** Keeps in `log.db` what was put back of one topic. */
export class EmbeddedAmendments implements Amendments {
  readonly #file: LogFile;
  readonly #topic: string;

  constructor(file: LogFile, topic: string) {
    this.#file = file;
    this.#topic = topic;
  }

  add(records: readonly RecordName[]): Promise<void> {
    return Promise.try(() => {
      if (records.length === 0) return;
      const { database } = this.#file;
      const insert = database.prepare(
        "INSERT INTO amendments (topic, partition, offset) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
      );
      database.transaction("name amendments", () => {
        for (const { partition, offset } of records) insert.run(this.#topic, partition, offset);
      });
    });
  }

  async *read(): AsyncIterable<RecordName> {
    const rows = await Promise.try(() =>
      this.#rows("SELECT partition, offset FROM amendments WHERE topic = ? ORDER BY partition, offset")
    );
    for (const row of rows) yield { partition: integerIn(row, "partition"), offset: integerIn(row, "offset") };
  }

  counts(): Promise<ReadonlyMap<number, number>> {
    return Promise.try(() => {
      const rows = this.#rows(
        "SELECT partition, count(*) AS amended FROM amendments WHERE topic = ? GROUP BY partition",
      );
      return new Map(rows.map((row) => [integerIn(row, "partition"), integerIn(row, "amended")]));
    });
  }

  takeTurn(): Promise<RepairTurn> {
    return Promise.try(() => {
      const { directory } = this.#file;
      const lock = OwnerLock.take(`${directory}/repair.lock`);
      if (lock === undefined) {
        throw new ConfigError(`Cannot repair: another repair is at work in ${directory}; wait for its end`);
      }
      return {
        over: new AbortController().signal,
        [Symbol.asyncDispose]: () => Promise.resolve(lock[Symbol.dispose]()),
      };
    });
  }

  clear(): Promise<void> {
    return Promise.try(() => {
      const { database } = this.#file;
      const remove = database.prepare("DELETE FROM amendments WHERE topic = ?");
      database.transaction("forget amendments", () => remove.run(this.#topic));
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #rows(sql: string) {
    const { database } = this.#file;
    return database.attempt("read amendments", () => database.prepare(sql).all(this.#topic));
  }
}
