/** A record on its way to the log, with the event time that paces it. */
import type { LogRecord } from "../stream/log_producer.ts";

/** A record as the generator and the files give it. */
export interface TimedRecord extends LogRecord {
  /** Event time in milliseconds since 1970-01-01Z; undefined when none can be read: it goes out with the one before. */
  readonly atMs: number | undefined;
}
