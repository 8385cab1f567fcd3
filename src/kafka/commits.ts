/** What a group has committed: read and written at its coordinator. */
import { type Connection, offsetCommitV8, offsetFetchV8 } from "@platformatic/kafka";
import type { Committed } from "../stream/source.ts";
import type { Cluster } from "./cluster.ts";
import { portError } from "./kafka_failure.ts";

/** Who commits: a member in one generation. */
export interface Committer {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly generation: number;
}

/** Bytes of one commit request at most; brokers refuse or stall on much larger ones. */
const MAX_REQUEST_BYTES = 512 * 1024;
/** Bytes kept free in a request for its header: names of client, group, topic and member are at most 249 to 32,767. */
const HEADER_BYTES = 4096;
/** A partition's bytes without its metadata, rounded up. */
const PARTITION_BYTES = 32;
const UNKNOWN_EPOCH = -1;
/** Of members of the newer group protocol; not sent in this version of the request. */
const NO_EPOCH = -1;

/** Reads and writes one group's commits on one topic. */
export class Commits {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** What is committed; partitions without a commit are absent. @throws {RetryableError} */
  async read(partitions: readonly number[]): Promise<Map<number, Committed>> {
    const { groupId, topic } = this.#cluster;
    const asked = [{ groupId, memberEpoch: NO_EPOCH, topics: [{ name: topic, partitionIndexes: [...partitions] }] }];
    const { groups } = await this.#ask("read", (connection) => offsetFetchV8.api.async(connection, asked, false));
    const found = groups.flatMap((group) => group.topics).flatMap((answer) => answer.partitions)
      .filter(({ committedOffset }) => committedOffset >= 0n)
      .map(({ partitionIndex, committedOffset, metadata }): Committed => ({
        partition: partitionIndex,
        position: Number(committedOffset),
        metadata: metadata ?? "",
      }));
    return new Map(found.map((committed) => [committed.partition, committed]));
  }

  /** Commits, in as many requests as their size asks for. @throws {FencedError | RetryableError} */
  async write(committer: Committer, commits: readonly Committed[]): Promise<void> {
    for (const part of requestsOf(commits)) await this.#writeOne(committer, part);
  }

  async #writeOne({ memberId, instanceId, generation }: Committer, commits: readonly Committed[]): Promise<void> {
    const { groupId, topic } = this.#cluster;
    const partitions = commits.map(({ partition, position, metadata }) => ({
      partitionIndex: partition,
      committedOffset: BigInt(position),
      committedLeaderEpoch: UNKNOWN_EPOCH,
      committedMetadata: metadata,
    }));
    const topics = [{ name: topic, partitions }];
    await this.#ask(
      "write",
      (connection) => offsetCommitV8.api.async(connection, groupId, generation, memberId, instanceId, topics),
    );
  }

  async #ask<T>(verb: "read" | "write", call: (connection: Connection) => Promise<T>): Promise<T> {
    try {
      return await this.#cluster.askCoordinator("control", call);
    } catch (error) {
      throw portError(error, `${verb} commits of group "${this.#cluster.groupId}"`);
    }
  }
}

function requestsOf(commits: readonly Committed[]): Committed[][] {
  const encoder = new TextEncoder();
  const requests: Committed[][] = [];
  let request: Committed[] = [];
  let sizeBytes = HEADER_BYTES;
  for (const commit of commits) {
    const ownBytes = PARTITION_BYTES + encoder.encode(commit.metadata).byteLength;
    if (request.length > 0 && sizeBytes + ownBytes > MAX_REQUEST_BYTES) {
      requests.push(request);
      request = [];
      sizeBytes = HEADER_BYTES;
    }
    request.push(commit);
    sizeBytes += ownBytes;
  }
  if (request.length > 0) requests.push(request);
  return requests;
}
