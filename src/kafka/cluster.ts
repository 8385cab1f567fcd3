/** The cluster as one topic's client sees it: who leads which partition, who coordinates the group, how to reach them. */
import {
  type Connection,
  FindCoordinatorKeyTypes,
  findCoordinatorV4,
  metadataV12,
  ResponseError,
} from "@platformatic/kafka";
import { type Clock, sleep } from "../clock.ts";
import { RetryableError } from "../stream/failures.ts";
import { type BrokerAddress, Connections, type ConnectionUse } from "./connections.ts";
import type { KafkaConfig } from "./kafka_config.ts";
import { codesOf, KafkaCode, portError } from "./kafka_failure.ts";

type MetadataResponse = ReturnType<typeof metadataV12.parseResponse>;

/** Who leads a partition; -1 while nobody does. */
export interface Leader {
  readonly broker: number;
  readonly epoch: number;
}

/** What a cluster works with. */
export interface ClusterParts {
  readonly connections: Connections;
  readonly clock: Clock;
}

/** The coordinator is being chosen, moved or started: nothing was done, and it is over soon. */
const SETTLING: ReadonlySet<number> = new Set([
  KafkaCode.coordinatorLoadInProgress,
  KafkaCode.coordinatorNotAvailable,
  KafkaCode.notCoordinator,
]);
const SETTLING_WAIT_MS = 100;
const SETTLING_WAITS = 30;
const MISSING_LOOKS = 10;

/** One topic's brokers, leaders and group coordinator. */
export class Cluster implements AsyncDisposable {
  readonly topic: string;
  readonly groupId: string;
  readonly #bootstrap: readonly BrokerAddress[];
  readonly #connections: Connections;
  readonly #clock: Clock;
  #brokers: ReadonlyMap<number, BrokerAddress> = new Map();
  #leaders: readonly Leader[] = [];
  #refreshing: Promise<void> | undefined;
  #coordinator: BrokerAddress | undefined;

  constructor(config: Pick<KafkaConfig, "brokers" | "topic" | "groupId">, { connections, clock }: ClusterParts) {
    this.#clock = clock;
    this.topic = config.topic;
    this.groupId = config.groupId;
    this.#bootstrap = config.brokers.map(parseAddress);
    this.#connections = connections;
  }

  /** How many partitions the topic had when last looked at; 0 before that. */
  get partitionCount(): number {
    return this.#leaders.length;
  }

  /** The leader of a partition when last looked at. */
  leaderOf(partition: number): Leader {
    return this.#leaders[partition] ?? { broker: -1, epoch: -1 };
  }

  /** Looks at the cluster again; calls made meanwhile share the answer. @throws {ConfigError | RetryableError} */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#lookAtTopic().finally(() => this.#refreshing = undefined);
    return this.#refreshing;
  }

  /** Where a broker listens. @throws {RetryableError} when it is not known */
  addressOf(id: number): BrokerAddress {
    const address = this.#brokers.get(id);
    if (address === undefined) throw new RetryableError(`Cannot reach broker ${id}: it is not in the cluster now`);
    return address;
  }

  /** A connection to a broker by its number. @throws {RetryableError} when it is not known or not there. */
  async broker(id: number): Promise<Connection> {
    return await this.#connections.to(this.addressOf(id), "control");
  }

  /**
   * Asks the coordinator of the group, and asks again for up to 3 s while there is none yet or it moves.
   *
   * @throws what the client library throws.
   */
  async askCoordinator<T>(use: ConnectionUse, call: (connection: Connection) => Promise<T>): Promise<T> {
    for (let waits = 0;; waits++) {
      try {
        this.#coordinator ??= await this.#findCoordinator();
        return await call(await this.#connections.to(this.#coordinator, use));
      } catch (error) {
        // Cheap to look up again, and what failed may have been its move.
        this.#coordinator = undefined;
        if (waits === SETTLING_WAITS || !codesOf(error).some((code) => SETTLING.has(code))) throw error;
      }
      await sleep(this.#clock, SETTLING_WAIT_MS);
    }
  }

  /** Ends waits for the group to form. */
  dropJoins(): Promise<void> {
    return this.#connections.drop("join");
  }

  /** A connection to whichever broker answers first in the order configured, then found. */
  async any(): Promise<Connection> {
    const failures: unknown[] = [];
    for (const address of [...this.#bootstrap, ...this.#brokers.values()]) {
      try {
        return await this.#connections.to(address, "control");
      } catch (error) {
        failures.push(error);
      }
    }
    throw new AggregateError(failures, "No broker answers");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connections[Symbol.asyncDispose]();
  }

  async #lookAtTopic(): Promise<void> {
    const what = `look up topic "${this.topic}" at ${this.#bootstrap.map(({ host, port }) => `${host}:${port}`)}`;
    for (let looks = 1;; looks++) {
      try {
        return this.#adopt(await readMetadata(await this.any(), this.topic));
      } catch (error) {
        const isMissing = codesOf(error).includes(KafkaCode.unknownTopicOrPartition);
        // A broker that has just started may not know of a topic yet; one that was there is gone only after a second.
        if (!isMissing || this.#leaders.length === 0 || looks === MISSING_LOOKS) throw portError(error, what);
      }
      await sleep(this.#clock, SETTLING_WAIT_MS);
    }
  }

  #adopt(metadata: MetadataResponse): void {
    this.#brokers = new Map(metadata.brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }]));
    const leaders: Leader[] = [];
    for (const { partitionIndex, leaderId, leaderEpoch } of metadata.topics[0]?.partitions ?? []) {
      leaders[partitionIndex] = { broker: leaderId, epoch: leaderEpoch };
    }
    this.#leaders = leaders;
  }

  async #findCoordinator(): Promise<BrokerAddress> {
    const found = await findCoordinatorV4.api.async(await this.any(), FindCoordinatorKeyTypes.GROUP, [this.groupId]);
    const coordinator = found.coordinators[0];
    if (coordinator === undefined) {
      throw new RetryableError(`Cannot find the coordinator of group "${this.groupId}": the broker names none`);
    }
    return { host: coordinator.host, port: coordinator.port };
  }
}

/** Leaderless partitions are facts here, not a failure: the others can still be read. */
async function readMetadata(connection: Connection, topic: string): Promise<MetadataResponse> {
  try {
    return await metadataV12.api.async(connection, [topic], false, false);
  } catch (error) {
    if (!(error instanceof ResponseError)) throw error;
    const response = Reflect.get(error, "response");
    if (codesOf(error).includes(KafkaCode.unknownTopicOrPartition) || !isMetadata(response)) throw error;
    if (response.topics.some(({ errorCode }) => errorCode !== 0)) throw error;
    return response;
  }
}

function isMetadata(value: unknown): value is MetadataResponse {
  return typeof value === "object" && value !== null && "brokers" in value && "topics" in value;
}

function parseAddress(text: string): BrokerAddress {
  const colon = text.lastIndexOf(":");
  const host = colon < 0 ? text : text.slice(0, colon);
  return { host: host.replace(/^\[(.*)\]$/, "$1"), port: colon < 0 ? 9092 : Number(text.slice(colon + 1)) };
}
