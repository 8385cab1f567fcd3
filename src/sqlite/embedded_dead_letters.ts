/** The dead letters of the embedded log: a table, each name in it once. */
import { type DeadLetter, type DeadLetters, type DeadReason } from "../stream/dead_letters.ts";
import { integerIn, type Row, textIn } from "./database.ts";
import type { LogFile } from "./log_file.ts";

const PAGE_ROWS = 1_000;
const REASONS: readonly DeadReason[] = ["late", "future", "invalid"];

/** Keeps dead letters in `log.db`; beyond `maxLetters` the oldest are dropped. */
export class EmbeddedDeadLetters implements DeadLetters {
  readonly #file: LogFile;
  readonly #maxLetters: number;

  constructor(file: LogFile, { maxLetters }: { readonly maxLetters: number }) {
    this.#file = file;
    this.#maxLetters = maxLetters;
  }

  append(letters: readonly DeadLetter[]): Promise<void> {
    return Promise.try(() => {
      if (letters.length === 0) return;
      this.#file.database.transaction("append dead letters", () => this.#insert(letters));
      this.#file.signal.changed();
    });
  }

  async *read({ follow }: { readonly follow?: AbortSignal } = {}): AsyncGenerator<DeadLetter> {
    const { database, signal } = this.#file;
    const page = database.prepare("SELECT * FROM dead_letters WHERE id > ? ORDER BY id LIMIT ?");
    let lastId = 0;
    for (;;) {
      const rows = database.attempt("read dead letters", () => page.all(lastId, PAGE_ROWS));
      for (const row of rows) {
        lastId = integerIn(row, "id");
        yield letterOf(row);
        if (follow?.aborted) return;
      }
      if (rows.length > 0) continue;
      if (follow === undefined || follow.aborted) return;
      await signal.wait(Infinity, follow);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #insert(letters: readonly DeadLetter[]): void {
    const { database } = this.#file;
    const insert = database.prepare(
      `INSERT INTO dead_letters (topic, partition, offset, reason, detail, time_ms, value)
        VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    );
    for (const { topic, partition, offset, reason, detail, timeMs, value } of letters) {
      insert.run(topic, partition, offset, reason, detail, timeMs ?? null, value);
    }
    database.prepare("DELETE FROM dead_letters WHERE id <= (SELECT max(id) FROM dead_letters) - ?").run(
      this.#maxLetters,
    );
  }
}

function letterOf(row: Row): DeadLetter {
  const reason = REASONS.find((known) => known === row["reason"]);
  if (reason === undefined) throw new TypeError(`Cannot read dead letter: reason is ${row["reason"]}`);
  const value = row["value"];
  return {
    reason,
    detail: textIn(row, "detail"),
    topic: textIn(row, "topic"),
    partition: integerIn(row, "partition"),
    offset: integerIn(row, "offset"),
    timeMs: row["time_ms"] === null ? undefined : integerIn(row, "time_ms"),
    value: value instanceof Uint8Array ? value : null,
  };
}
