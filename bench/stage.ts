/** What benches run on: a Kafka and an InfluxDB of their own, or those that KAFKA_BROKERS and INFLUX_URL name. */
import { createDatabase, type Database, influxql } from "../tests/influx/databases.ts";
import { influx, type InfluxService, kafka, type KafkaService } from "../tests/services/services.ts";
import type { InfluxConfig } from "../src/influx/influx_config.ts";
import { systemClock } from "../src/clock.ts";
import { KafkaAdmin } from "../src/kafka/kafka_admin.ts";
import { type FilledTopic, fillTopic, type TopicShape } from "./topic.ts";

/** Settings of this process that must not reach a program under test. */
const OWN_SETTINGS = /^(TALLY_|KAFKA_|INFLUX_|FIELD_MAP$)/;

/** Both servers, and the topics filled so far. */
export class Stage implements AsyncDisposable {
  readonly influx: InfluxService;
  readonly #kafka: KafkaService;
  readonly #owned: AsyncDisposableStack;
  readonly #topics = new Map<string, FilledTopic>();
  readonly #names = new Set<string>();

  private constructor(servers: { kafka: KafkaService; influx: InfluxService }, owned: AsyncDisposableStack) {
    this.#kafka = servers.kafka;
    this.influx = servers.influx;
    this.#owned = owned;
  }

  /** Starts both servers. */
  static async open(): Promise<Stage> {
    await using owned = new AsyncDisposableStack();
    const servers = { kafka: owned.use(await kafka()), influx: owned.use(await influx()) };
    return new Stage(servers, owned.move());
  }

  get brokers(): readonly string[] {
    return this.#kafka.brokers;
  }

  /** A topic of this shape, filled when it is asked for first. */
  async topic(shape: TopicShape): Promise<FilledTopic> {
    const key = JSON.stringify(shape), known = this.#topics.get(key);
    if (known !== undefined) return known;
    const startedMs = systemClock.elapsedMs();
    const topic = await fillTopic(this.brokers, this.freshName("topic"), shape);
    const seconds = (systemClock.elapsedMs() - startedMs) / 1_000;
    console.log(`topic of ${JSON.stringify(shape)}: filled in ${seconds.toFixed(1)} s`);
    this.#topics.set(key, topic);
    return topic;
  }

  /** A topic without records, for one run alone. */
  async emptyTopic(): Promise<FilledTopic> {
    return await fillTopic(this.brokers, this.freshName("topic"), { records: 0 });
  }

  /** Takes a topic away again: a broker's disk is finite. */
  async drop(topic: FilledTopic): Promise<void> {
    this.#topics.delete(JSON.stringify(topic.shape));
    await this.#remove(topic.name);
  }

  /** A name of a topic or group that nobody else uses; a topic of that name goes at the end. */
  freshName(what: string): string {
    const name = `bench-${what}-${crypto.randomUUID().slice(0, 8)}`;
    this.#names.add(name);
    return name;
  }

  /** An empty database. */
  async database(): Promise<Database> {
    const { url, token, org } = this.influx;
    return await createDatabase({ version: "2.7", url, token, org });
  }

  /** The environment of a program that works on the topic and writes to the database. */
  environment(topic: string, { url, token, org, bucket }: InfluxConfig): Record<string, string> {
    return {
      ...plainEnvironment(),
      TALLY_PORT: "0",
      KAFKA_BROKERS: this.brokers.join(","),
      KAFKA_TOPIC: topic,
      KAFKA_GROUP_ID: `${topic}-${crypto.randomUUID().slice(0, 8)}`,
      INFLUX_URL: url,
      INFLUX_TOKEN: token,
      INFLUX_ORG: org,
      INFLUX_BUCKET: bucket,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#names) await this.#remove(name);
    await this.#owned.disposeAsync();
  }

  async #remove(name: string): Promise<void> {
    this.#names.delete(name);
    await using admin = new KafkaAdmin({ brokers: this.brokers, ssl: false, clientId: "tally-bench" }, systemClock);
    await admin.remove(name);
  }
}

/** The environment without settings of the program. */
export function plainEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(Deno.env.toObject()).filter(([name]) => !OWN_SETTINGS.test(name)));
}

/** The first row that an InfluxQL statement answers, by the names of its columns. */
export async function firstRow(database: InfluxConfig, statement: string): Promise<Readonly<Record<string, unknown>>> {
  const answer: InfluxAnswer = JSON.parse(await influxql(database, statement));
  const [series] = answer.results[0]?.series ?? [];
  const [row = []] = series?.values ?? [];
  return Object.fromEntries((series?.columns ?? []).map((column, index) => [column, row[index]]));
}

interface InfluxAnswer {
  readonly results: readonly {
    readonly series?: readonly { readonly columns: readonly string[]; readonly values: readonly unknown[][] }[];
  }[];
}
