/** The embedded log as a source: one member, which owns all partitions. */
import { FencedError } from "../stream/failures.ts";
import type {
  Committed,
  Fetched,
  FetchOptions,
  Member,
  OffsetRange,
  Source,
  TopicDescription,
  Want,
} from "../stream/source.ts";
import type { BatchBytes, BatchRange } from "./batch_table.ts";
import { BufferPool } from "../stream/buffer_pool.ts";
import { integerIn, textIn } from "./database.ts";
import type { LogFile } from "./log_file.ts";
import { Ownership } from "./ownership.ts";

/** What is read, and for whom. */
export interface EmbeddedSourceOptions {
  readonly topic: string;
  /** Whose commits these are. */
  readonly group: string;
}

const NOTHING = new ArrayBuffer(0);
/** Bytes of buffers kept for reuse. */
const POOL_BYTES = 32 * 1024 * 1024;

/** Reads one topic of the embedded log. */
export class EmbeddedSource implements Source {
  readonly #file: LogFile;
  readonly #topic: string;
  readonly #group: string;
  readonly #buffers = new BufferPool({ capacityBytes: POOL_BYTES });
  #ownership: Ownership | undefined;
  #isClosed = false;

  constructor(file: LogFile, { topic, group }: EmbeddedSourceOptions) {
    this.#file = file;
    this.#topic = topic;
    this.#group = group;
  }

  /** @throws {ConfigError} when another process processes the log, or there is no such topic. */
  join(member: Member): Promise<void> {
    return Promise.try(() => {
      if (this.#ownership !== undefined) throw new TypeError(`Cannot join group ${this.#group}: it was joined already`);
      const partitions = this.#file.topics.partitionsOf(this.#topic).map(({ partition }) => partition);
      this.#ownership = Ownership.take(this.#file, this.#group);
      member.assigned({ generation: this.#ownership.generation, partitions, partitionCount: partitions.length });
    });
  }

  leave(): Promise<void> {
    this.#ownership?.[Symbol.dispose]();
    this.#ownership = undefined;
    return Promise.resolve();
  }

  laneOf(_partition: number): number {
    return 0;
  }

  async fetch(wants: readonly Want[], { maxWaitMs }: FetchOptions): Promise<readonly Fetched[]> {
    const { clock, signal } = this.#file;
    const untilMs = clock.elapsedMs() + maxWaitMs;
    for (;;) {
      const found = wants.map((want) => this.#read(want));
      const leftMs = untilMs - clock.elapsedMs();
      if (found.some(hasNews) || !(leftMs > 0) || this.#isClosed) return found;
      await signal.wait(leftMs);
    }
  }

  recycle(buffer: ArrayBuffer): void {
    this.#buffers.give(buffer);
  }

  offsets(partitions: readonly number[]): Promise<ReadonlyMap<number, OffsetRange>> {
    return Promise.try(() => new Map(partitions.map((partition) => [partition, this.#rangeOf(partition)])));
  }

  offsetsAt(partitions: readonly number[], timeMs: number): Promise<ReadonlyMap<number, number>> {
    return Promise.try(() => new Map(partitions.map((partition) => [partition, this.#offsetAt(partition, timeMs)])));
  }

  committed(partitions: readonly number[]): Promise<ReadonlyMap<number, Committed>> {
    return Promise.try(() => {
      const rows = this.#file.database.attempt("read commits", () =>
        this.#file.database.prepare(
          `SELECT partition, position, metadata FROM commits
            WHERE group_id = ? AND topic = (SELECT id FROM topics WHERE name = ?)`,
        ).all(this.#group, this.#topic));
      const all = rows.map((row) => ({
        partition: integerIn(row, "partition"),
        position: integerIn(row, "position"),
        metadata: textIn(row, "metadata"),
      }));
      const wanted = new Set(partitions);
      return new Map(all.filter(({ partition }) => wanted.has(partition)).map((commit) => [commit.partition, commit]));
    });
  }

  commit(generation: number, commits: readonly Committed[]): Promise<void> {
    return Promise.try(() => {
      const ownership = this.#ownership;
      if (ownership?.generation !== generation) {
        const now = ownership === undefined ? "no member" : `in generation ${ownership.generation}`;
        throw new FencedError(`Cannot commit in generation ${generation}: this process is ${now}`);
      }
      for (const { partition } of commits) this.#file.topics.partitionOf(this.#topic, partition);
      this.#file.database.transaction("commit", () => {
        ownership.assertCurrent();
        this.#writeCommits(commits);
      });
    });
  }

  /** One member owns everything, whatever the categories are. */
  report(): void {}

  /** Nobody can take the partitions while this process lives. */
  leaseRemainingMs(): number {
    return Infinity;
  }

  /** @throws {ConfigError} when there is no such topic. */
  async describe(): Promise<TopicDescription> {
    this.#file.topics.partitionsOf(this.#topic);
    const description = await this.#file.topics.describe(this.#topic);
    if (description === undefined) throw new TypeError(`Cannot describe topic ${this.#topic}: it was just removed`);
    return description;
  }

  /** Leaves the group and ends the fetches that wait. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#file.signal.changed();
    return this.leave();
  }

  #read({ partition, offset, maxBytes }: Want): Fetched {
    const { id, first, end } = this.#file.topics.partitionOf(this.#topic, partition);
    if (offset < first || offset > end) {
      return { kind: "outOfRange", partition, endOffset: end, logStartOffset: first };
    }
    const read = offset === end
      ? { buffer: NOTHING, byteLength: 0 }
      : this.#copy({ partitionId: id, offset, maxBytes });
    return { kind: "bytes", partition, ...read, aborted: [], endOffset: end, logStartOffset: first };
  }

  #copy(range: BatchRange): BatchBytes {
    const { database, batches } = this.#file;
    return database.attempt("read records", () => batches.read(range, (byteLength) => this.#buffers.take(byteLength)));
  }

  #rangeOf(partition: number): OffsetRange {
    const { first, end } = this.#file.topics.partitionOf(this.#topic, partition);
    return { first, end };
  }

  #offsetAt(partition: number, timeMs: number): number {
    const { id, end } = this.#file.topics.partitionOf(this.#topic, partition);
    return this.#file.database.attempt("find a time", () => this.#file.batches.offsetAt(id, timeMs)) ?? end;
  }

  #writeCommits(commits: readonly Committed[]): void {
    const upsert = this.#file.database.prepare(
      `INSERT INTO commits (group_id, topic, partition, position, metadata)
        VALUES (?, (SELECT id FROM topics WHERE name = ?), ?, ?, ?)
        ON CONFLICT DO UPDATE SET position = excluded.position, metadata = excluded.metadata`,
    );
    for (const { partition, position, metadata } of commits) {
      upsert.run(this.#group, this.#topic, partition, position, metadata);
    }
  }
}

function hasNews(found: Fetched): boolean {
  return found.kind === "outOfRange" || found.byteLength > 0;
}
