/** The source of one process: a member of the group whose broker is slow, fails, repeats, and takes partitions away. */
import { FencedError, RetryableError } from "../../src/stream/failures.ts";
import type {
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
import { TIMES } from "./scenario.ts";
import type { StoredBatch } from "./topic.ts";

/** A member that reads a topic. */
export class SimSource implements Source {
  readonly #durable: Durable;
  readonly #line: Lifeline;
  #member: Member | undefined;
  /** Counts joins and rebalances: what belongs to an earlier one has no say. */
  #session = 0;
  #generation = 0;
  /** The session in which the partitions are being asked back. */
  #revokedIn = 0;
  /** The session in which somebody else took over. */
  #lostIn = 0;
  #beatAtMs: number;
  /** Bytes handed over that have not come back. */
  inFlightBytes = 0;

  constructor(durable: Durable, line: Lifeline) {
    this.#durable = durable;
    this.#line = line;
    this.#beatAtMs = durable.nowMs;
  }

  /** Whether the group's partitions are this member's. */
  get isOwner(): boolean {
    return this.#generation === this.#durable.topic.generation && this.#generation > 0;
  }

  async join(member: Member): Promise<void> {
    const session = ++this.#session;
    await this.#line.wait(this.#line.dice.int(1, 50));
    this.#member = member;
    this.#assignLater(session);
  }

  leave(): Promise<void> {
    this.#session++;
    this.#member = undefined;
    if (this.isOwner) this.#durable.topic.generation++;
    return Promise.resolve();
  }

  /** A heartbeat; it fails when somebody else has taken over. */
  beat(): void {
    if (this.#line.dice.chance(this.#line.faults.heartbeats)) return;
    if (this.#generation === 0 || this.isOwner) this.#beatAtMs = this.#durable.nowMs;
    else if (this.#session !== this.#lostIn && this.#line.dice.chance(0.4)) {
      // Whoever took over keeps the partitions: this one only hears that it has lost them.
      this.#lostIn = this.#session;
      this.#member?.lost("fenced");
    }
  }

  /** The group forms anew: all partitions are asked back, and given again. */
  async rebalance(): Promise<void> {
    const member = this.#member, session = this.#session;
    if (member === undefined || !this.isOwner || this.#revokedIn === session) return;
    this.#revokedIn = session;
    const over = this.#line.wait(TIMES.rebalanceMs);
    await Promise.race([over, member.revoked().then(() => {}, () => {})]);
    if (session !== this.#session) return;
    this.#durable.topic.generation++;
    this.#assignLater(++this.#session);
  }

  /** The session has expired: the partitions are gone before we hear of it, and are given again. */
  expire(): void {
    if (!this.isOwner) return;
    this.#durable.topic.generation++;
    this.#line.after(this.#line.dice.int(1, 2_000), () => this.#lose("session expired"));
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
      if (generation !== this.#durable.topic.generation) throw new FencedError("Cannot commit: old generation");
      for (const commit of some) this.#durable.commit(commit);
    };
    await this.#line.call({
      name: "commit",
      chance: this.#line.faults.commit,
      effect: () => put(commits),
      partly: () => put(commits.slice(0, commits.length >> 1)),
    });
  }

  leaseRemainingMs(): number {
    if (!this.isOwner) return 0;
    return TIMES.sessionMs - (this.#durable.nowMs - this.#beatAtMs);
  }

  describe(): Promise<TopicDescription> {
    const { topic } = this.#durable;
    const partitions = topic.partitions.map((partition) => ({ partition, ...topic.rangeOf(partition) }));
    return Promise.resolve({ topic: "transactions", partitions, timestampType: "createTime", cleanupPolicy: "delete" });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.leave();
  }

  #lose(reason: string): void {
    this.#member?.lost(reason);
    if (this.#line.isDead || this.isOwner) return;
    this.#assignLater(++this.#session);
  }

  #assignLater(session: number): void {
    const { topic } = this.#durable;
    const generation = topic.generation;
    this.#line.after(this.#line.dice.int(1, 800), () => {
      // Whoever joined since then owns the partitions; we would have to form the group anew.
      if (session !== this.#session || (this.#generation > 0 && generation !== topic.generation)) return;
      this.#generation = ++topic.generation;
      this.#beatAtMs = this.#durable.nowMs;
      this.#member?.assigned({ generation: this.#generation, partitions: topic.partitions });
    });
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
