/** Reads record batches from the leaders of a topic's partitions, one broker a lane. */
import { RetryableError } from "../stream/failures.ts";
import type { Fetched, FetchOptions, Want } from "../stream/source.ts";
import type { BufferPool } from "../stream/buffer_pool.ts";
import type { Cluster } from "./cluster.ts";
import { type FetchAnswer, type FetchArguments, type FetchedPartition, fetchOver } from "./fetch_wire.ts";
import { codeName, KafkaCode, portError } from "./kafka_failure.ts";
import type { Offsets } from "./offsets.ts";
import type { Wires } from "./wires.ts";

const READ_COMMITTED = 1;
const NO_SESSION = 0;
const NO_SESSION_EPOCH = -1;
const MIN_BYTES = 1;
/** Well below the time after which an unanswered fetch counts as a broken connection. */
const MAX_WAIT_MS = 20_000;
/** The broker's answer is one message in memory here and there. */
const MAX_ANSWER_BYTES = 50 * 1024 * 1024;

/** What a fetcher works with. */
export interface FetcherParts {
  readonly cluster: Cluster;
  readonly offsets: Offsets;
  readonly pool: BufferPool;
  readonly wires: Wires;
  /** How long an answer may take. */
  readonly withinMs: number;
}

/** Fetches of one topic. */
export class Fetcher implements AsyncDisposable {
  readonly #parts: FetcherParts;
  readonly #cluster: Cluster;
  #turn = 0;

  constructor(parts: FetcherParts) {
    this.#parts = parts;
    this.#cluster = parts.cluster;
  }

  /**
   * Reads once from the lane of the first want; wants of other lanes are left out of the answer, and so are
   * partitions that their broker cannot serve now while it serves others.
   */
  async fetch(wants: readonly Want[], { maxWaitMs }: FetchOptions): Promise<Fetched[]> {
    if (wants[0] === undefined) return [];
    const lane = this.#cluster.leaderOf(wants[0].partition).broker;
    const led = wants.filter(({ partition }) => this.#cluster.leaderOf(partition).broker === lane);
    const answer = await this.#ask(lane, led, maxWaitMs);
    try {
      return await this.#sort(answer);
    } catch (error) {
      for (const { buffer } of answer.partitions) this.#parts.pool.give(buffer);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.wires[Symbol.asyncDispose]();
  }

  async #ask(lane: number, wants: readonly Want[], maxWaitMs: number): Promise<FetchAnswer> {
    try {
      if (lane < 0) throw new RetryableError(`Cannot fetch partition ${wants[0]?.partition}: nobody leads it now`);
      const wire = await this.#parts.wires.to(this.#cluster.addressOf(lane));
      return await fetchOver(wire, this.#request(wants, maxWaitMs), this.#parts);
    } catch (error) {
      if (error instanceof SyntaxError) throw error;
      const failure = portError(error, `fetch topic "${this.#cluster.topic}" from broker ${lane}`);
      await this.#cluster.refresh();
      throw failure;
    }
  }

  #request(wants: readonly Want[], maxWaitMs: number): FetchArguments {
    // A broker fills its answer in the order asked, and only the first partition gets a batch larger than its
    // share: each has to be first at some time.
    const first = this.#turn++ % wants.length;
    const partitions = [...wants.slice(first), ...wants.slice(0, first)].map(({ partition, offset, maxBytes }) => ({
      partition,
      currentLeaderEpoch: this.#cluster.leaderOf(partition).epoch,
      fetchOffset: BigInt(offset),
      lastFetchedEpoch: -1,
      partitionMaxBytes: maxBytes,
    }));
    const maxBytes = Math.min(MAX_ANSWER_BYTES, wants.reduce((sum, want) => sum + want.maxBytes, 0));
    const topics = [{ topicId: this.#cluster.topic, partitions }];
    const waitMs = Math.min(maxWaitMs, MAX_WAIT_MS);
    return [waitMs, MIN_BYTES, maxBytes, READ_COMMITTED, NO_SESSION, NO_SESSION_EPOCH, topics, [], ""];
  }

  async #sort({ errorCode, partitions }: FetchAnswer): Promise<Fetched[]> {
    const outside = partitions.filter((p) => p.errorCode === KafkaCode.offsetOutOfRange);
    const failed = partitions.filter((p) => p.errorCode !== 0 && p.errorCode !== KafkaCode.offsetOutOfRange);
    if (errorCode !== 0 || failed.length > 0) await this.#cluster.refresh();
    // Beside records of others a failure can wait; alone it would make an answer at once, again and again.
    if (errorCode !== 0 || (failed.length > 0 && partitions.every(({ byteLength }) => byteLength === 0))) {
      const names = new Set(failed.map((p) => codeName(p.errorCode)));
      throw new RetryableError(
        `Cannot fetch topic "${this.#cluster.topic}": the broker answers ${
          errorCode ? codeName(errorCode) : [...names]
        }`,
      );
    }
    const served = partitions.filter((p) => p.errorCode === 0).map(toFetched);
    return outside.length === 0 ? served : [...served, ...await this.#outOfRange(outside)];
  }

  async #outOfRange(partitions: readonly FetchedPartition[]): Promise<Fetched[]> {
    const ranges = await this.#parts.offsets.ranges(partitions.map(({ partition }) => partition));
    return [...ranges].map(([partition, { first, end }]) => (
      { kind: "outOfRange", partition, endOffset: end, logStartOffset: first }
    ));
  }
}

function toFetched(answer: FetchedPartition): Fetched {
  const { partition, buffer, byteLength, aborted, lastStableOffset, logStartOffset } = answer;
  return { kind: "bytes", partition, buffer, byteLength, aborted, endOffset: lastStableOffset, logStartOffset };
}
