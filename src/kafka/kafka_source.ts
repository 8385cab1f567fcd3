/** The source port on Kafka: one topic, read as bytes, by one member of a consumer group. */
import type { Clock } from "../clock.ts";
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
} from "../stream/source.ts";
import { BufferPool } from "../stream/buffer_pool.ts";
import { Cluster } from "./cluster.ts";
import { Commits } from "./commits.ts";
import { type ConnectionLimits, Connections } from "./connections.ts";
import { Fetcher } from "./fetcher.ts";
import { Group } from "./group.ts";
import { GroupCalls } from "./group_calls.ts";
import type { KafkaConfig } from "./kafka_config.ts";
import { Offsets } from "./offsets.ts";
import { describeTopic } from "./topic_facts.ts";
import { Wires } from "./wires.ts";

/** How a source behaves. */
export interface KafkaSourceOptions {
  readonly clock: Clock;
  /** How long the group waits for a member to let go of its partitions. @default {30_000} */
  readonly rebalanceTimeoutMs?: number;
  /** Bytes of buffers kept for reuse. @default {67_108_864} */
  readonly poolBytes?: number;
}

const CONNECT_MS = 5_000;
const FETCH_MS = 30_000;
const HEARTBEAT_MOST_MS = 1_000;
const HEARTBEATS_A_SESSION = 6;

/** A Kafka topic as its consumer sees it. */
export class KafkaSource implements Source {
  readonly #cluster: Cluster;
  readonly #offsets: Offsets;
  readonly #commits: Commits;
  readonly #fetcher: Fetcher;
  readonly #pool: BufferPool;
  readonly #group: Group;

  private constructor(config: KafkaConfig, options: KafkaSourceOptions) {
    const { clock, rebalanceTimeoutMs = 30_000, poolBytes = 64 * 1024 * 1024 } = options;
    const sessionMs = config.sessionTimeoutMs;
    const heartbeatMs = Math.min(HEARTBEAT_MOST_MS, sessionMs / HEARTBEATS_A_SESSION);
    const times = { sessionMs, rebalanceMs: rebalanceTimeoutMs, heartbeatMs };
    const limits = limitsFor(times);
    const cluster = new Cluster(config, { connections: new Connections(config, limits), clock });
    const wires = new Wires({ access: config, clock, connectMs: limits.connectMs });
    this.#cluster = cluster;
    this.#pool = new BufferPool({ capacityBytes: poolBytes });
    this.#offsets = new Offsets(cluster);
    this.#commits = new Commits(cluster);
    this.#fetcher = new Fetcher({ cluster, offsets: this.#offsets, pool: this.#pool, wires, withinMs: FETCH_MS });
    const calls = new GroupCalls(cluster, config.instanceId ?? null, times);
    this.#group = new Group({ cluster, calls, clock, times });
  }

  /** Finds the brokers and the topic. @throws {ConfigError | RetryableError} with what to do */
  static async open(config: KafkaConfig, options: KafkaSourceOptions): Promise<KafkaSource> {
    const source = new KafkaSource(config, options);
    try {
      await source.#cluster.refresh();
      return source;
    } catch (error) {
      await source[Symbol.asyncDispose]();
      throw error;
    }
  }

  join(member: Member): Promise<void> {
    return this.#group.join(member);
  }

  leave(): Promise<void> {
    return this.#group.leave();
  }

  laneOf(partition: number): number {
    return this.#cluster.leaderOf(partition).broker;
  }

  fetch(wants: readonly Want[], options: FetchOptions): Promise<readonly Fetched[]> {
    return this.#fetcher.fetch(wants, options);
  }

  recycle(buffer: ArrayBuffer): void {
    this.#pool.give(buffer);
  }

  offsets(partitions: readonly number[]): Promise<ReadonlyMap<number, OffsetRange>> {
    return this.#offsets.ranges(partitions);
  }

  offsetsAt(partitions: readonly number[], timeMs: number): Promise<ReadonlyMap<number, number>> {
    return this.#offsets.at(partitions, timeMs);
  }

  committed(partitions: readonly number[]): Promise<ReadonlyMap<number, Committed>> {
    return this.#commits.read(partitions);
  }

  async commit(generation: number, commits: readonly Committed[]): Promise<void> {
    await this.#commits.write(this.#group.committer(generation), commits);
  }

  report(report: CategoryReport): void {
    this.#group.report(report);
  }

  leaseRemainingMs(): number {
    return this.#group.leaseRemainingMs();
  }

  describe(): Promise<TopicDescription> {
    return describeTopic(this.#cluster, this.#offsets);
  }

  /** Closes without leaving the group, as a crash would: call `leave` first to hand over at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#group.stop();
    await this.#fetcher[Symbol.asyncDispose]();
    await this.#cluster[Symbol.asyncDispose]();
  }
}

/** A question that is not answered in a third of the session leaves time to ask again; a join waits for the group. */
function limitsFor({ sessionMs, rebalanceMs }: { sessionMs: number; rebalanceMs: number }): ConnectionLimits {
  const controlMs = Math.min(CONNECT_MS, sessionMs / 3);
  return {
    connectMs: controlMs,
    requestMs: { control: controlMs, join: rebalanceMs + sessionMs + CONNECT_MS },
  };
}
