/**
 * Amendments on Kafka: a mark among the dead letters for each record put back, and how many there are in the commits of
 * the group `<group>.amended`, where a processor finds them at the price of one request.
 *
 * I1. Marks are acknowledged before the counts that hold them; counts that were not written are mended by the next `add`.
 */
import type { Clock } from "../clock.ts";
import { type Amendments, type RecordName, RecordSet, type RepairTurn } from "../stream/amendments.ts";
import { Cluster } from "./cluster.ts";
import { Commits } from "./commits.ts";
import { Connections } from "./connections.ts";
import { type DeadTopic, isOfGroup, openDeadTopic } from "./dead_topic.ts";
import { forgetGroup } from "./forget_group.ts";
import type { KafkaConfig } from "./kafka_config.ts";
import { KafkaProducer } from "./kafka_producer.ts";
import { Offsets } from "./offsets.ts";
import { KafkaRepairTurn } from "./repair_turn.ts";

const CONNECT_MS = 5_000;
const REQUEST_MS = 10_000;
/** Who commits to a group without members. */
const NOBODY = { memberId: "", instanceId: null, generation: -1 };
/** The reasons in the headers of marks. */
const MARK = { amended: "amended", cleared: "cleared" } as const;

/** What repairs of one group have put back. */
export class KafkaAmendments implements Amendments {
  readonly #config: KafkaConfig;
  readonly #clock: Clock;
  readonly #topic: DeadTopic;
  readonly #producer: KafkaProducer;
  readonly #cluster: Cluster;
  readonly #commits: Commits;

  private constructor(config: KafkaConfig, topic: DeadTopic, clock: Clock) {
    const requestMs = { control: REQUEST_MS, join: REQUEST_MS };
    const connections = new Connections(config, { connectMs: CONNECT_MS, requestMs });
    this.#config = config;
    this.#clock = clock;
    this.#topic = topic;
    this.#producer = new KafkaProducer(config, topic.config.topic);
    this.#cluster = new Cluster({ ...config, groupId: countingGroup(config) }, { connections, clock });
    this.#commits = new Commits(this.#cluster);
  }

  /** Makes sure that the topic of the letters is there. @throws {ConfigError | RetryableError} */
  static async open(config: KafkaConfig, options: { readonly clock: Clock }): Promise<KafkaAmendments> {
    return new KafkaAmendments(config, await openDeadTopic(config, options), options.clock);
  }

  async add(records: readonly RecordName[]): Promise<void> {
    const known = await RecordSet.of(this.read());
    const fresh = records.filter((record) => !known.has(record));
    await this.#producer.send(fresh.map((record) => this.#mark(MARK.amended, record)));
    const before = await this.counts(), marked = known.counts();
    const added = Map.groupBy(fresh, ({ partition }) => partition);
    const counts = await this.#partitions();
    await this.#write(
      counts.map((partition) => {
        const settled = Math.max(before.get(partition) ?? 0, marked.get(partition) ?? 0);
        return [partition, settled + (added.get(partition)?.length ?? 0)] as const;
      }).filter(([partition, count]) => count !== (before.get(partition) ?? 0)),
    );
  }

  async *read(): AsyncIterable<RecordName> {
    let marks: RecordName[] = [];
    for await (const record of this.#topic.read()) {
      const { reason, topic, partition, offset } = record.headers;
      if (topic !== this.#config.topic || !isOfGroup(record, this.#config.groupId)) continue;
      if (reason === MARK.amended) marks.push({ partition: Number(partition), offset: Number(offset) });
      else if (reason === MARK.cleared) marks = [];
    }
    yield* marks;
  }

  async counts(): Promise<ReadonlyMap<number, number>> {
    const commits = await this.#commits.read(await this.#partitions());
    return new Map([...commits].map(([partition, { metadata }]) => [partition, countIn(metadata)]));
  }

  takeTurn(): Promise<RepairTurn> {
    return KafkaRepairTurn.take(this.#topic.config, this.#clock);
  }

  async clear(): Promise<void> {
    await this.#producer.send([this.#mark(MARK.cleared, undefined)]);
    await forgetGroup(this.#config, countingGroup(this.#config));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#producer[Symbol.asyncDispose]();
    await this.#cluster[Symbol.asyncDispose]();
  }

  async #partitions(): Promise<readonly number[]> {
    if (this.#cluster.partitionCount === 0) await this.#cluster.refresh();
    return Array.from({ length: this.#cluster.partitionCount }, (_, partition) => partition);
  }

  async #write(counts: readonly (readonly [partition: number, count: number])[]): Promise<void> {
    if (counts.length === 0) return;
    // The end as position: lag tools then show none for a group that reads nothing.
    const ranges = await new Offsets(this.#cluster).ranges(counts.map(([partition]) => partition));
    await this.#commits.write(
      NOBODY,
      counts.map(([partition, amended]) => (
        { partition, position: ranges.get(partition)?.end ?? 0, metadata: JSON.stringify({ amended }) }
      )),
    );
  }

  #mark(reason: string, record: RecordName | undefined) {
    const { topic, groupId: group } = this.#config;
    const place = record === undefined ? {} : { partition: `${record.partition}`, offset: `${record.offset}` };
    const key = record === undefined ? null : `${topic}:${record.partition}:${record.offset}`;
    return {
      key: key === null ? null : new TextEncoder().encode(key),
      value: null,
      headers: { group, reason, topic, ...place },
    };
  }
}

function countingGroup({ groupId }: KafkaConfig): string {
  return `${groupId}.amended`;
}

/** 0 when an operator has committed something else. */
function countIn(metadata: string): number {
  const count = /^\{"amended":(\d+)\}$/.exec(metadata)?.[1];
  return Number(count ?? 0);
}
