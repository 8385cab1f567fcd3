/** Installations of the program on a real Kafka and a real InfluxDB. */
import type { Measurement } from "../../src/domain/point.ts";
import type { InfluxConfig } from "../../src/influx/influx_config.ts";
import type { Written } from "../e2e/comparison.ts";
import { type FlatPoint, Installation } from "../e2e/installation.ts";
import { createDatabase, influxql } from "../influx/databases.ts";
import { influx, type InfluxService, kafka, type KafkaService } from "../services/services.ts";

/** Both servers. */
export interface Services {
  readonly kafka: KafkaService;
  readonly influx: InfluxService;
}

/** An installation with a topic, a group and a bucket of its own. */
export interface ServiceWorld extends AsyncDisposable {
  readonly tally: Installation;
  readonly topic: string;
  readonly group: string;
  readonly database: InfluxConfig;
  /** All points. */
  written(): Promise<Written>;
}

/**
 * Both servers for all tests of a file: started before the first, stopped after the last.
 *
 * @param isOwn a server of InfluxDB that may be killed
 */
export function sharedServices(isOwn = false): () => Services {
  const held: { stack?: AsyncDisposableStack; services?: Services } = {};
  Deno.test.beforeAll(async () => {
    const stack = held.stack = new AsyncDisposableStack();
    held.services = { kafka: stack.use(await kafka()), influx: stack.use(await influx({ own: isOwn })) };
  });
  Deno.test.afterAll(async () => await held.stack?.disposeAsync());
  return () => {
    if (held.services === undefined) throw new TypeError("Cannot use the services: no test has begun");
    return held.services;
  };
}

/** An installation with these settings on top. */
export async function serviceWorld(
  { kafka, influx }: Services,
  settings: Readonly<Record<string, string>> = {},
): Promise<ServiceWorld> {
  const stack = new AsyncDisposableStack();
  const { url, token, org } = influx;
  const { config: database } = stack.use(await createDatabase({ version: "2.7", url, token, org }));
  const topic = `e2e-${crypto.randomUUID().slice(0, 8)}`, group = `${topic}-group`;
  const tally = stack.use(
    await Installation.create({
      KAFKA_BROKERS: kafka.brokers.join(","),
      KAFKA_TOPIC: topic,
      KAFKA_GROUP_ID: group,
      KAFKA_SESSION_TIMEOUT: "6s",
      INFLUX_URL: url,
      INFLUX_TOKEN: token,
      INFLUX_ORG: org,
      INFLUX_BUCKET: database.bucket,
      ...settings,
    }),
  );
  const written = () => pointsIn(database);
  return { tally, topic, group, database, written, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** All points of a bucket, by InfluxQL as a person would ask for them. */
export async function pointsIn(database: InfluxConfig): Promise<Written> {
  return {
    windows: await pointsOf(database, "transactions_avg"),
    panes: await pointsOf(database, "transactions_total"),
  };
}

/** Rows that an InfluxQL statement answers, each by the names of its columns. */
export async function rowsOf(database: InfluxConfig, statement: string): Promise<readonly Record<string, unknown>[]> {
  const answer: InfluxAnswer = JSON.parse(await influxql(database, statement));
  return (answer.results[0]?.series ?? []).flatMap(({ columns, values }) =>
    values.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]])))
  );
}

interface InfluxAnswer {
  readonly results: readonly {
    readonly series?: readonly { readonly columns: readonly string[]; readonly values: readonly unknown[][] }[];
  }[];
}

async function pointsOf(database: InfluxConfig, measurement: Measurement): Promise<readonly FlatPoint[]> {
  const rows = await rowsOf(database, `SELECT * FROM ${measurement}`);
  return rows.map((row) => {
    const point: Record<string, number | boolean | string> = {};
    for (const [name, value] of Object.entries(row)) {
      if (typeof value === "number" || typeof value === "boolean" || typeof value === "string") point[name] = value;
    }
    return { ...point, measurement, time: new Date(String(row["time"])).toISOString() };
  });
}
