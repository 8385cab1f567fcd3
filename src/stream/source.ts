/**
 * The source port: one topic as its consumer sees it.
 *
 * I1. Bytes handed over are whole record batches (Kafka format v2) of one partition, in offset order. The first may
 *     begin before the offset that was asked for, and a batch may end past it: the reader looks at each record's offset.
 * I2. A fetch answers only for what it was asked: positions belong to the caller, the source keeps none.
 * I3. A commit with a generation that the group no longer knows throws `FencedError` and changes nothing.
 */

/** A range of one partition that the caller wants next. */
export interface Want {
  readonly partition: number;
  /** The next offset to read. */
  readonly offset: number;
  /** Soft bound: a single larger batch still arrives whole. */
  readonly maxBytes: number;
}

/** An aborted transaction: its producer's records from `firstOffset` up to its abort marker do not count. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

/** What a fetch found in one partition. */
export type Fetched = FetchedBytes | FetchedOutOfRange;

/** Record batches, possibly none. */
export interface FetchedBytes {
  readonly kind: "bytes";
  readonly partition: number;
  /** The first `byteLength` bytes of `buffer` are whole batches; 0 when there is nothing to read. */
  readonly buffer: ArrayBuffer;
  readonly byteLength: number;
  readonly aborted: readonly AbortedTransaction[];
  /** The partition's last stable offset when the broker answered: its end, for a reader of committed records. */
  readonly endOffset: number;
  readonly logStartOffset: number;
}

/** The wanted offset is not (any longer) in the log: below its start after retention, or past its end. */
export interface FetchedOutOfRange {
  readonly kind: "outOfRange";
  readonly partition: number;
  readonly endOffset: number;
  readonly logStartOffset: number;
}

/** First offset still there and last stable offset of a partition. */
export interface OffsetRange {
  readonly first: number;
  readonly end: number;
}

/** What a group has committed for a partition: the position and the text that came with it (empty: none). */
export interface Committed {
  readonly partition: number;
  readonly position: number;
  readonly metadata: string;
}

/** The partitions that this process owns, until the next call of `revoked` or `lost`. */
export interface Assignment {
  /** Names this ownership in commits. */
  readonly generation: number;
  /** A run. */
  readonly partitions: readonly number[];
  /** How many partitions the topic had when they were shared out; those that are not ours are other members'. */
  readonly partitionCount: number;
  /** Why one member owns all partitions and the others stand by, in words; absent when they are shared. */
  readonly split?: string;
}

/**
 * What a member has found out about the categories: one is in partitions of two members, in words, or none is in two
 * partitions any more.
 */
export type CategoryReport = { readonly kind: "split"; readonly text: string } | { readonly kind: "disjoint" };

/** What a source tells its owner, one call at a time. */
export interface Member {
  assigned(assignment: Assignment): void;
  /**
   * All partitions are about to be given up. The source lets go when the promise settles or its rebalance time is
   * over, whichever is first; commits of the old generation are accepted until then.
   */
  revoked(): Promise<void>;
  /** The partitions are gone already (session expired, fenced): nothing more may be written or committed for them. */
  lost(reason: string): void;
}

/** Facts about a topic. */
export interface TopicDescription {
  readonly topic: string;
  readonly partitions: readonly (OffsetRange & { readonly partition: number })[];
  /** Who sets a record's timestamp. */
  readonly timestampType: "createTime" | "appendTime";
  /** The topic's `cleanup.policy`. */
  readonly cleanupPolicy: string;
}

/** A topic, read by one member of a group. */
export interface Source extends AsyncDisposable {
  /** Joins the group; facts arrive at `member` from now on. */
  join(member: Member): Promise<void>;
  /** Leaves the group cleanly: others take over at once. */
  leave(): Promise<void>;
  /**
   * Who serves a partition. Fetches of different lanes never wait for each other, so a caller keeps one in flight
   * per lane. It may change at any time.
   */
  laneOf(partition: number): number;
  /**
   * Reads once from one lane; answers at the latest after `maxWaitMs` when there is nothing new.
   *
   * @throws {RetryableError} when the broker cannot answer now; nothing was read.
   */
  fetch(wants: readonly Want[], options: FetchOptions): Promise<readonly Fetched[]>;
  /** Gives a fetched buffer back for reuse. */
  recycle(buffer: ArrayBuffer): void;
  /** Offsets there are now. */
  offsets(partitions: readonly number[]): Promise<ReadonlyMap<number, OffsetRange>>;
  /** First offsets whose record timestamp is at or past `timeMs` (the end where there is none). */
  offsetsAt(partitions: readonly number[], timeMs: number): Promise<ReadonlyMap<number, number>>;
  /** What the group has committed; partitions without a commit are absent. */
  committed(partitions: readonly number[]): Promise<ReadonlyMap<number, Committed>>;
  /**
   * Commits for the generation given; all or nothing for a given partition.
   *
   * @throws {FencedError} when the generation is over; {RetryableError} when the outcome is unknown or nothing was done.
   */
  commit(generation: number, commits: readonly Committed[]): Promise<void>;
  /**
   * Tells the group; it forms anew, upon a split with one member that owns everything. Only who owns everything can know
   * that the categories are disjoint.
   */
  report(report: CategoryReport): void;
  /** How much longer nobody else can own our partitions, in ms; Infinity where nobody can take them. */
  leaseRemainingMs(): number;
  /** The topic as it is now. */
  describe(): Promise<TopicDescription>;
}

/** How a fetch waits. */
export interface FetchOptions {
  readonly maxWaitMs: number;
}
