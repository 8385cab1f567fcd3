/** A log in memory: the `Source` port without a broker, for tests on virtual time. */
import { readBatchHeader } from "../../src/stream/record_batch.ts";
import { buildRecordBatch } from "../../src/stream/record_batch_builder.ts";
import { FencedError, RetryableError } from "../../src/stream/failures.ts";
import type {
  CategoryReport,
  Committed,
  Fetched,
  FetchOptions,
  Member,
  OffsetRange,
  Source,
  TopicDescription,
  Want,
} from "../../src/stream/source.ts";
import type { Clock } from "../../src/clock.ts";

/** One topic's partitions and one group's commits; outlives the sources that read it. */
export class MemoryLog {
  readonly batches: { readonly baseOffset: number; readonly nextOffset: number; readonly bytes: Uint8Array }[][];
  readonly ends: number[];
  readonly starts: number[];
  readonly commits = new Map<number, Committed>();
  generation = 0;

  constructor(partitions: number) {
    this.batches = Array.from({ length: partitions }, () => []);
    this.ends = new Array<number>(partitions).fill(0);
    this.starts = new Array<number>(partitions).fill(0);
  }

  /** Appends values as one batch. */
  append(partition: number, values: readonly (string | null)[], timestampMs: number): void {
    const encoder = new TextEncoder();
    const records = values.map((value) => ({ key: null, value: value === null ? null : encoder.encode(value) }));
    const baseOffset = this.ends[partition] ?? 0;
    const bytes = buildRecordBatch(records, { timestampMs, baseOffset });
    const nextOffset = baseOffset + values.length;
    this.batches[partition]?.push({ baseOffset, nextOffset, bytes });
    this.ends[partition] = nextOffset;
  }

  /** Appends a batch as it is; it must begin at the partition's end. */
  appendBatch(partition: number, bytes: Uint8Array): void {
    const { baseOffset, lastOffset } = readBatchHeader(
      new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      0,
    );
    this.batches[partition]?.push({ baseOffset, nextOffset: lastOffset + 1, bytes });
    this.ends[partition] = lastOffset + 1;
  }

  /** Deletes whole batches before an offset, as retention does. */
  deleteBefore(partition: number, offset: number): void {
    const kept = (this.batches[partition] ?? []).filter(({ nextOffset }) => nextOffset > offset);
    this.batches[partition] = kept;
    this.starts[partition] = kept[0]?.baseOffset ?? this.ends[partition] ?? 0;
  }
}

/** A member that reads a `MemoryLog` alone. */
export class MemorySource implements Source {
  readonly #log: MemoryLog;
  readonly #clock: Clock;
  #member: Member | undefined;
  /** How many of the next commits fail: before they are done, or after. */
  failCommits: { count: number; afterwards: boolean } = { count: 0, afterwards: false };
  /** How many of the next fetches fail. */
  failFetches = 0;
  /** How many fetches are answered before all others fail. */
  fetchesLeft = Infinity;
  /** How many of the next questions for commits fail. */
  failCommitted = 0;
  leaseMs = Infinity;
  /** Told of each commit, before it is decided. */
  onCommit: (commits: readonly Committed[]) => void = () => {};
  /** What was reported of the categories. */
  readonly reports: CategoryReport[] = [];
  /** What was asked for by each fetch that was answered. */
  readonly fetches: (readonly Want[])[] = [];

  constructor(log: MemoryLog, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  join(member: Member): Promise<void> {
    this.#member = member;
    const partitions = this.#log.ends.map((_, partition) => partition);
    member.assigned({ generation: ++this.#log.generation, partitions, partitionCount: partitions.length });
    return Promise.resolve();
  }

  leave(): Promise<void> {
    this.#member = undefined;
    return Promise.resolve();
  }

  /** Takes all partitions away and gives them back. */
  async rebalance(): Promise<void> {
    const member = this.#member;
    if (member === undefined) return;
    await member.revoked();
    await this.join(member);
  }

  /** Somebody else has taken the partitions: nothing is accepted of the old generation any longer. */
  lose(): void {
    this.#log.generation++;
    this.#member?.lost("session expired");
  }

  /** Gives partitions, all unless named, under a new generation. */
  assign(partitions: readonly number[] = this.#log.ends.map((_, partition) => partition)): void {
    this.#member?.assigned({ generation: ++this.#log.generation, partitions, partitionCount: this.#log.ends.length });
  }

  /** Asks for the partitions back. */
  async revoke(): Promise<void> {
    await this.#member?.revoked();
  }

  laneOf(): number {
    return 0;
  }

  fetch(wants: readonly Want[], { maxWaitMs }: FetchOptions): Promise<readonly Fetched[]> {
    if (this.failFetches > 0 || this.fetchesLeft <= 0) {
      this.failFetches = Math.max(0, this.failFetches - 1);
      return Promise.reject(new RetryableError("Cannot fetch: scripted"));
    }
    this.fetchesLeft--;
    this.fetches.push(wants);
    const answers = wants.map((want) => this.#answer(want));
    if (maxWaitMs === 0 || answers.some((answer) => answer.kind === "outOfRange" || answer.byteLength > 0)) {
      return Promise.resolve(answers);
    }
    const { promise, resolve } = Promise.withResolvers<readonly Fetched[]>();
    this.#clock.after(maxWaitMs, () => resolve(wants.map((want) => this.#answer(want))));
    return promise;
  }

  recycle(): void {}

  offsets(partitions: readonly number[]): Promise<ReadonlyMap<number, OffsetRange>> {
    const ranges = partitions.map((partition) => [partition, this.#range(partition)] as const);
    return Promise.resolve(new Map(ranges));
  }

  offsetsAt(partitions: readonly number[], timeMs: number): Promise<ReadonlyMap<number, number>> {
    const at = (partition: number) => {
      const batch = this.#log.batches[partition]?.find(({ bytes }) =>
        readBatchHeader(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0).maxTimestampMs >= timeMs
      );
      return batch?.baseOffset ?? this.#range(partition).end;
    };
    return Promise.resolve(new Map(partitions.map((partition) => [partition, at(partition)])));
  }

  committed(partitions: readonly number[]): Promise<ReadonlyMap<number, Committed>> {
    if (this.failCommitted > 0) {
      this.failCommitted--;
      return Promise.reject(new RetryableError("Cannot read commits: scripted"));
    }
    return Promise.resolve(new Map([...this.#log.commits].filter(([partition]) => partitions.includes(partition))));
  }

  commit(generation: number, commits: readonly Committed[]): Promise<void> {
    this.onCommit(commits);
    if (generation !== this.#log.generation) return Promise.reject(new FencedError("Cannot commit: old generation"));
    const fails = this.failCommits.count > 0;
    if (fails) this.failCommits.count--;
    if (!fails || this.failCommits.afterwards) {
      for (const commit of commits) this.#log.commits.set(commit.partition, commit);
    }
    return fails ? Promise.reject(new RetryableError("Cannot commit: scripted")) : Promise.resolve();
  }

  report(report: CategoryReport): void {
    this.reports.push(report);
  }

  leaseRemainingMs(): number {
    return this.leaseMs;
  }

  describe(): Promise<TopicDescription> {
    const partitions = this.#log.ends.map((_, partition) => ({ partition, ...this.#range(partition) }));
    return Promise.resolve({ topic: "transactions", partitions, timestampType: "createTime", cleanupPolicy: "delete" });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.leave();
  }

  #range(partition: number): OffsetRange {
    return { first: this.#log.starts[partition] ?? 0, end: this.#log.ends[partition] ?? 0 };
  }

  #answer({ partition, offset, maxBytes }: Want): Fetched {
    const { first: logStartOffset, end: endOffset } = this.#range(partition);
    if (offset < logStartOffset || offset > endOffset) {
      return { kind: "outOfRange", partition, endOffset, logStartOffset };
    }
    const found: Uint8Array[] = [];
    let byteLength = 0;
    for (const { nextOffset, bytes } of this.#log.batches[partition] ?? []) {
      if (nextOffset <= offset || byteLength >= maxBytes) continue;
      found.push(bytes);
      byteLength += bytes.byteLength;
    }
    const buffer = new ArrayBuffer(byteLength);
    let at = 0;
    for (const bytes of found) {
      new Uint8Array(buffer).set(bytes, at);
      at += bytes.byteLength;
    }
    return { kind: "bytes", partition, buffer, byteLength, aborted: [], endOffset, logStartOffset };
  }
}
