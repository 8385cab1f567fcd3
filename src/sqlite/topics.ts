/** The topics of a log and their partitions. */
import { ConfigError } from "../stream/failures.ts";
import type { LogAdmin } from "../stream/log_producer.ts";
import type { OffsetRange, TopicDescription } from "../stream/source.ts";
import { type Database, integerIn, type Row, type Statement } from "./database.ts";

/** A partition as it is now. */
export interface PartitionRow extends OffsetRange {
  /** Names it in the tables; never used again for another. */
  readonly id: number;
  readonly partition: number;
}

const MAX_PARTITIONS = 10_000;
const OF_TOPIC = `SELECT p.id, p.partition, p.first_offset, p.end_offset
  FROM partitions p JOIN topics t ON t.id = p.topic WHERE t.name = ?`;

/** Creates, removes and looks at topics. */
export class Topics implements LogAdmin {
  readonly #database: Database;
  readonly #ofTopic: Statement;
  readonly #one: Statement;

  constructor(database: Database) {
    this.#database = database;
    this.#ofTopic = database.prepare(`${OF_TOPIC} ORDER BY p.partition`);
    this.#one = database.prepare(`${OF_TOPIC} AND p.partition = ?`);
  }

  create(topic: string, { partitions }: { readonly partitions: number }): Promise<boolean> {
    return Promise.try(() => {
      if (!(Number.isSafeInteger(partitions) && partitions >= 1 && partitions <= MAX_PARTITIONS)) {
        throw new RangeError(`Cannot create topic: partitions must be 1 to ${MAX_PARTITIONS}, got ${partitions}`);
      }
      return this.#database.transaction("create the topic", () => this.#create(topic, partitions));
    });
  }

  remove(topic: string): Promise<boolean> {
    return Promise.try(() => this.#database.transaction("remove the topic", () => this.#remove(topic)));
  }

  describe(topic: string): Promise<TopicDescription | undefined> {
    return Promise.try(() => {
      const partitions = this.#find(topic).map(({ partition, first, end }) => ({ partition, first, end }));
      if (partitions.length === 0) return undefined;
      return { topic, partitions, timestampType: "appendTime", cleanupPolicy: "delete" };
    });
  }

  /**
   * All partitions of a topic, in order.
   *
   * @throws {ConfigError} when there is no such topic.
   */
  partitionsOf(topic: string): readonly PartitionRow[] {
    const partitions = this.#find(topic);
    if (partitions.length === 0) {
      throw new ConfigError(`Cannot use topic ${topic}: it is not in ${this.#database.path}; create it first`);
    }
    return partitions;
  }

  /**
   * One partition of a topic.
   *
   * @throws {ConfigError} when there is no such topic; {RangeError} when it has no such partition.
   */
  partitionOf(topic: string, partition: number): PartitionRow {
    const row = this.#database.attempt("look at the topic", () => this.#one.get(topic, partition));
    if (row !== undefined) return partitionRow(row);
    const count = this.partitionsOf(topic).length;
    throw new RangeError(`Cannot use partition ${partition}: topic ${topic} has ${count} partitions`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #find(topic: string): readonly PartitionRow[] {
    return this.#database.attempt("look at the topic", () => this.#ofTopic.all(topic).map(partitionRow));
  }

  #create(topic: string, partitions: number): boolean {
    const database = this.#database;
    const { changes } = database.prepare("INSERT INTO topics (name) VALUES (?) ON CONFLICT DO NOTHING").run(topic);
    if (Number(changes) === 0) return false;
    const { id } = database.prepare("SELECT id FROM topics WHERE name = ?").get(topic) ?? {};
    const insert = database.prepare(
      "INSERT INTO partitions (topic, partition, first_offset, end_offset, bytes) VALUES (?, ?, 0, 0, 0)",
    );
    for (let partition = 0; partition < partitions; partition++) insert.run(id ?? null, partition);
    return true;
  }

  /** Takes commits, dead letters and amendments along: they name records that are gone. */
  #remove(topic: string): boolean {
    const database = this.#database;
    const topicId = "(SELECT id FROM topics WHERE name = ?)";
    for (
      const sql of [
        `DELETE FROM batches WHERE partition IN (SELECT id FROM partitions WHERE topic = ${topicId})`,
        `DELETE FROM commits WHERE topic = ${topicId}`,
        "DELETE FROM dead_letters WHERE topic = ?",
        "DELETE FROM amendments WHERE topic = ?",
        `DELETE FROM partitions WHERE topic = ${topicId}`,
      ]
    ) database.prepare(sql).run(topic);
    return Number(database.prepare("DELETE FROM topics WHERE name = ?").run(topic).changes) === 1;
  }
}

function partitionRow(row: Row): PartitionRow {
  return {
    id: integerIn(row, "id"),
    partition: integerIn(row, "partition"),
    first: integerIn(row, "first_offset"),
    end: integerIn(row, "end_offset"),
  };
}
