/**
 * The embedded log: Kafka's part, for one machine, in one SQLite file.
 *
 * I1. It stores record batches as Kafka does, and stamps them as a broker does for a topic with append time.
 * I2. Any number of processes append; one at a time processes.
 */
import type { Clock } from "../clock.ts";
import type { Amendments } from "../stream/amendments.ts";
import type { DeadLetters } from "../stream/dead_letters.ts";
import type { LogAdmin, LogProducer } from "../stream/log_producer.ts";
import type { Source } from "../stream/source.ts";
import { EmbeddedAmendments } from "./embedded_amendments.ts";
import { EmbeddedDeadLetters } from "./embedded_dead_letters.ts";
import { EmbeddedProducer } from "./embedded_producer.ts";
import { EmbeddedSource, type EmbeddedSourceOptions } from "./embedded_source.ts";
import { makeDirectory } from "./database.ts";
import { LogFile } from "./log_file.ts";
import { Ownership } from "./ownership.ts";

/** Bounds of the embedded log. */
export interface EmbeddedLogOptions {
  readonly clock: Clock;
  /** Batches older than this go, by the time of their append. @default 86_400_000, a day */
  readonly maxAgeMs?: number;
  /** Bytes kept of each partition. @default 1_073_741_824, 1 GiB */
  readonly maxBytes?: number;
  /** Dead letters kept; the oldest go. @default 1_000_000 */
  readonly maxDeadLetters?: number;
}

const DAY_MS = 86_400_000;
const GIB = 1024 ** 3;

/** An open embedded log. Dispose of what it gave out before it. */
export class EmbeddedLog implements AsyncDisposable {
  readonly #file: LogFile;
  readonly #maxDeadLetters: number;

  /**
   * Opens the log in `directory`, and makes both if need be.
   *
   * @throws {ConfigError} when its file is damaged, another program's, or cannot be opened.
   */
  constructor(directory: string, options: EmbeddedLogOptions) {
    const { clock, maxAgeMs = DAY_MS, maxBytes = GIB, maxDeadLetters = 1_000_000 } = options;
    for (const [name, value] of Object.entries({ maxAgeMs, maxBytes, maxDeadLetters })) {
      if (!(value > 0)) throw new RangeError(`Cannot open the log: ${name} must be > 0, got ${value}`);
    }
    makeDirectory(directory);
    this.#file = new LogFile(directory, { clock, retention: { maxAgeMs, maxBytes } });
    this.#maxDeadLetters = maxDeadLetters;
  }

  /** Creates, removes and looks at topics. */
  admin(): LogAdmin {
    return this.#file.topics;
  }

  /** Appends to `topic`. */
  producer(topic: string): LogProducer {
    return new EmbeddedProducer(this.#file, topic);
  }

  /** Reads a topic. */
  source(options: EmbeddedSourceOptions): Source {
    return new EmbeddedSource(this.#file, options);
  }

  /** Keeps what was not counted. */
  deadLetters(): DeadLetters {
    return new EmbeddedDeadLetters(this.#file, { maxLetters: this.#maxDeadLetters });
  }

  /** Keeps what repairs have put back of a topic. */
  amendments(topic: string): Amendments {
    return new EmbeddedAmendments(this.#file, topic);
  }

  /**
   * Forgets what a group has committed; resolves to how many partitions that were.
   *
   * @throws {ConfigError} when a process is processing the log, which is named.
   */
  forgetCommits(group: string): Promise<number> {
    return Promise.try(() => {
      using _ownership = Ownership.take(this.#file, group);
      return this.#file.database.transaction(
        "forget commits",
        () => Number(this.#file.database.prepare("DELETE FROM commits WHERE group_id = ?").run(group).changes),
      );
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#file[Symbol.dispose]();
    return Promise.resolve();
  }
}
