/** The source of one process: a member of the group whose broker is slow, fails, repeats, and takes partitions away. */
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
import type { Durable } from "./durable.ts";
import type { Lifeline } from "./lifeline.ts";
import type { StoredBatch } from "./topic.ts";

/** A place in a group. */
export interface Membership {
  /** Whether the group's partitions, or a share of them, are this member's. */
  readonly isOwner: boolean;
  /** Whether commits of a generation count. */
  owns(generation: number): boolean;
  join(member: Member): Promise<void>;
  leave(): Promise<void>;
  /** A heartbeat; it fails when somebody else has taken over. */
  beat(): void;
  /** The group forms anew: the partitions are asked back, and given again. */
  rebalance(): Promise<void>;
  /** The session has expired: the partitions are gone before we hear of it. */
  expire(): void;
  tell(report: CategoryReport): void;
  leaseRemainingMs(): number;
}

/** A member that reads a topic. */
export class SimSource implements Source {
  readonly #durable: Durable;
  readonly #line: Lifeline;
  readonly membership: Membership;
  /** Bytes handed over that have not come back. */
  inFlightBytes = 0;

  constructor(durable: Durable, { line, membership }: { readonly line: Lifeline; readonly membership: Membership }) {
    this.#durable = durable;
    this.#line = line;
    this.membership = membership;
  }

  join(member: Member): Promise<void> {
    return this.membership.join(member);
  }

  leave(): Promise<void> {
    return this.membership.leave();
  }

  report(report: CategoryReport): void {
    this.membership.tell(report);
  }

  leaseRemainingMs(): number {
    return this.membership.leaseRemainingMs();
  }

  laneOf(partition: number): number {
    return partition % this.#durable.scenario.lanes;
  }

  async fetch(wants: readonly Want[], { maxWaitMs }: FetchOptions): Promise<readonly Fetched[]> {
    const line = this.#line;
    if (line.dice.chance(line.faults.crashSource)) throw new TypeError("Cannot fetch: scripted crash");
    if (line.dice.chance(line.faults.fetch)) {
      await line.wait(line.dice.int(1, 3_000));
      throw new RetryableError("Cannot fetch: scripted", { retryAfterMs: line.dice.pick([0, 1_500]) });
    }
    const hasNews = () => wants.some((want) => this.#hasNews(want));
    if (maxWaitMs > 0 && !hasNews()) await line.wait(maxWaitMs);
    const answers = wants.map((want) => this.#answer(want));
    await line.call({ name: "fetch", chance: 0, effect: () => {} });
    for (const answer of answers) if (answer.kind === "bytes") this.inFlightBytes += answer.buffer.byteLength;
    return answers;
  }

  recycle(buffer: ArrayBuffer): void {
    this.inFlightBytes -= buffer.byteLength;
  }

  async offsets(partitions: readonly number[]): Promise<ReadonlyMap<number, OffsetRange>> {
    const effect = () => new Map(partitions.map((partition) => [partition, this.#durable.topic.rangeOf(partition)]));
    return await this.#line.call({ name: "list offsets", chance: this.#line.faults.questions, effect });
  }

  offsetsAt(partitions: readonly number[]): Promise<ReadonlyMap<number, number>> {
    return Promise.resolve(new Map(partitions.map((partition) => [partition, 0])));
  }

  async committed(partitions: readonly number[]): Promise<ReadonlyMap<number, Committed>> {
    const effect = () =>
      new Map([...this.#durable.topic.commits].filter(([partition]) => partitions.includes(partition)));
    return await this.#line.call({ name: "ask for commits", chance: this.#line.faults.questions, effect });
  }

  async commit(generation: number, commits: readonly Committed[]): Promise<void> {
    const put = (some: readonly Committed[]) => {
      if (!this.membership.owns(generation)) throw new FencedError("Cannot commit: old generation");
      for (const commit of some) this.#durable.commit(commit);
    };
    await this.#line.call({
      name: "commit",
      chance: this.#line.faults.commit,
      effect: () => put(commits),
      // A broker takes a request whole; two requests may be needed where one process owns very many partitions.
      ...(this.#durable.isShared ? {} : { partly: () => put(commits.slice(0, commits.length >> 1)) }),
    });
  }

  describe(): Promise<TopicDescription> {
    const { topic } = this.#durable;
    const partitions = topic.partitions.map((partition) => ({ partition, ...topic.rangeOf(partition) }));
    return Promise.resolve({ topic: "transactions", partitions, timestampType: "createTime", cleanupPolicy: "delete" });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.leave();
  }

  #hasNews({ partition, offset }: Want): boolean {
    const { first, end } = this.#durable.topic.rangeOf(partition);
    return offset < end || offset < first;
  }

  #answer({ partition, offset, maxBytes }: Want): Fetched {
    const { topic } = this.#durable, { first: logStartOffset, end: endOffset } = topic.rangeOf(partition);
    if (offset < logStartOffset || offset > endOffset) {
      return { kind: "outOfRange", partition, endOffset, logStartOffset };
    }
    const found = this.#within(topic.batchesFrom(partition, offset), maxBytes);
    const again = found.length > 0 && this.#line.dice.chance(0.1) ? topic.batchBefore(partition, offset) : undefined;
    const buffer = joined(again === undefined ? found : [again, ...found]);
    return { kind: "bytes", partition, buffer, byteLength: buffer.byteLength, aborted: [], endOffset, logStartOffset };
  }

  /** At least one batch, then up to the bound; at times fewer than there could be. */
  #within(batches: readonly StoredBatch[], maxBytes: number): readonly StoredBatch[] {
    const found: StoredBatch[] = [];
    let byteLength = 0;
    for (const batch of batches) {
      if (byteLength >= maxBytes || (found.length > 0 && this.#line.dice.chance(0.15))) break;
      found.push(batch);
      byteLength += batch.bytes.byteLength;
    }
    return found;
  }
}

function joined(batches: readonly StoredBatch[]): ArrayBuffer {
  const buffer = new ArrayBuffer(batches.reduce((sum, { bytes }) => sum + bytes.byteLength, 0));
  let at = 0;
  for (const { bytes } of batches) {
    new Uint8Array(buffer).set(bytes, at);
    at += bytes.byteLength;
  }
  return buffer;
}
