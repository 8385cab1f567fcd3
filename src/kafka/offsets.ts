/** Where a topic's partitions begin and end, and where they stood at a time. */
import { listOffsetsV7 } from "@platformatic/kafka";
import type { OffsetRange } from "../stream/source.ts";
import type { Cluster } from "./cluster.ts";
import { portError } from "./kafka_failure.ts";

const EARLIEST = -2n;
const LATEST = -1n;
/** The end of committed records is the last stable offset. */
const READ_COMMITTED = 1;
const NOT_A_REPLICA = -1;

/** Asks the leaders of one topic for offsets. */
export class Offsets {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** First and last stable offset of each partition. @throws {RetryableError} */
  async ranges(partitions: readonly number[]): Promise<Map<number, OffsetRange>> {
    const [first, end] = await Promise.all([this.#list(partitions, EARLIEST), this.#list(partitions, LATEST)]);
    return new Map(
      partitions.map((partition) => [partition, { first: of(first, partition), end: of(end, partition) }]),
    );
  }

  /** First offset with a record timestamp at or past `timeMs`, else the end. @throws {RetryableError} */
  async at(partitions: readonly number[], timeMs: number): Promise<Map<number, number>> {
    // Before the epoch, -1 and -2 would mean something else; no record is that old.
    const found = await this.#list(partitions, BigInt(Math.max(0, Math.ceil(timeMs))));
    const without = partitions.filter((partition) => of(found, partition) < 0);
    const ends = without.length === 0 ? new Map<number, number>() : await this.#list(without, LATEST);
    return new Map([...found, ...ends]);
  }

  /** Asks again once after a look at the cluster: a leader may have moved since the last one. */
  async #list(partitions: readonly number[], timestamp: bigint): Promise<Map<number, number>> {
    try {
      return await this.#ask(partitions, timestamp);
    } catch {
      await this.#cluster.refresh();
    }
    try {
      return await this.#ask(partitions, timestamp);
    } catch (error) {
      throw portError(error, `list offsets of topic "${this.#cluster.topic}"`);
    }
  }

  async #ask(partitions: readonly number[], timestamp: bigint): Promise<Map<number, number>> {
    const byLeader = Map.groupBy(partitions, (partition) => this.#cluster.leaderOf(partition).broker);
    const answers = await Promise.all(
      [...byLeader].map(([leader, led]) => this.#askLeader(leader, led, timestamp)),
    );
    return new Map(answers.flat());
  }

  async #askLeader(leader: number, partitions: readonly number[], timestamp: bigint): Promise<[number, number][]> {
    const connection = await this.#cluster.broker(leader);
    const asked = partitions.map((partitionIndex) => ({
      partitionIndex,
      currentLeaderEpoch: this.#cluster.leaderOf(partitionIndex).epoch,
      timestamp,
    }));
    const topic = { name: this.#cluster.topic, partitions: asked };
    const { topics } = await listOffsetsV7.api.async(connection, NOT_A_REPLICA, READ_COMMITTED, [topic]);
    return topics.flatMap((answer) => answer.partitions).map((p) => [p.partitionIndex, Number(p.offset)]);
  }
}

function of(offsets: ReadonlyMap<number, number>, partition: number): number {
  const offset = offsets.get(partition);
  if (offset === undefined) throw new RangeError(`Cannot list offsets: no answer for partition ${partition}`);
  return offset;
}
