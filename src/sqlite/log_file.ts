/** An open `log.db` and what all parts of the embedded log share. */
import type { Clock } from "../clock.ts";
import { AppendSignal } from "./append_signal.ts";
import { BatchTable } from "./batch_table.ts";
import { Database } from "./database.ts";
import { LOG_DATABASE } from "./log_schema.ts";
import { Topics } from "./topics.ts";

/** What the log keeps of each partition; whichever bound is reached first removes the oldest batches. */
export interface Retention {
  /** Milliseconds. */
  readonly maxAgeMs: number;
  readonly maxBytes: number;
}

/** The file with its tables; disposing of it closes them all. */
export class LogFile implements Disposable {
  /** The folder that the file is in. */
  readonly directory: string;
  readonly clock: Clock;
  readonly retention: Retention;
  readonly database: Database;
  readonly topics: Topics;
  readonly batches: BatchTable;
  readonly signal: AppendSignal;

  /** @throws {ConfigError} when the file cannot be used. */
  constructor(directory: string, { clock, retention }: { readonly clock: Clock; readonly retention: Retention }) {
    this.directory = directory;
    this.clock = clock;
    this.retention = retention;
    this.database = Database.open(`${directory}/log.db`, LOG_DATABASE);
    this.topics = new Topics(this.database);
    this.batches = new BatchTable(this.database);
    this.signal = new AppendSignal(this.database, clock);
  }

  [Symbol.dispose](): void {
    this.signal[Symbol.dispose]();
    this.database[Symbol.dispose]();
  }
}
