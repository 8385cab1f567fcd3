/** A real InfluxDB, set up as the container's script does, and filled by a real run that goes on. */
import { fileURLToPath } from "node:url";
import { systemClock } from "../../src/clock.ts";
import { InfluxStore } from "../../src/influx/influx_store.ts";
import { Installation, reachedPosition } from "../e2e/installation.ts";
import { eventually } from "../e2e/program.ts";
import { influx, type InfluxService } from "../services/services.ts";
import { GrafanaSource } from "./grafana_query.ts";

/** As much as the rule that looks back farthest asks for, and a little more. */
const SECONDS = 80 * 60;
const RATE = 20;
const COUNT = RATE * SECONDS;
/** At the usual rate a burst may bring a small category over the threshold of the alert. */
const CALM = ["--fraud-rate", "0.001"];
/** Rules look no closer to the present than this. */
const SETTLED_MS = 120_000;
const SLIDE_MS = 5_000;
/** The 2.x user of the test server has the name `admin` already, as a user of the 1.x kind. */
const USER = "grafana";
const PASSWORD = "admin123";

/** What the tests work on. */
export interface GrafanaWorld extends AsyncDisposable {
  readonly source: GrafanaSource;
  /** When the transactions end. */
  readonly nowMs: number;
}

/** Starts the servers, makes transactions that end now, and reads them all; the processor goes on. */
export async function grafanaWorld(): Promise<GrafanaWorld> {
  const stack = new AsyncDisposableStack();
  try {
    const server = stack.use(await influx({ own: true }));
    const { url, token, org, bucket } = server;
    const tally = stack.use(
      await Installation.create({
        INFLUX_URL: url,
        INFLUX_TOKEN: token,
        INFLUX_ORG: org,
        INFLUX_BUCKET: bucket,
      }),
    );
    await tally.run("produce", "--count", `${COUNT}`, "--rate", `${RATE}`, "--speed", "max", "--seed", "3", ...CALM);
    const nowMs = systemClock.nowMs();
    const page = await tally.start("run").url();
    await initialize(server, page);
    await initialize(server, page);
    await reachedPosition(page, COUNT);
    const source = new GrafanaSource({ INFLUX_URL: url, INFLUX_USER: USER, INFLUX_PASSWORD: PASSWORD });
    await settled(source, nowMs);
    await writeAnomaly(server, nowMs);
    return { source, nowMs, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** Resolves once what rules look at is final. */
async function settled(source: GrafanaSource, nowMs: number): Promise<void> {
  await eventually(async () => {
    const [series] = await source.ask(
      `SELECT last("transaction_count") FROM "transactions_total" WHERE "final" = true AND time >= ${
        nowMs - SETTLED_MS
      }ms`,
    );
    return series;
  }, { what: "final points up to now" });
}

/** Runs the script that the container runs after InfluxDB's first start. */
async function initialize({ url, token, org, bucket }: InfluxService, page: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(
    fileURLToPath(new URL("../../docker/influxdb/init.sh", import.meta.url)),
    {
      env: {
        TALLY_INIT_URL: url,
        DOCKER_INFLUXDB_INIT_ADMIN_TOKEN: token,
        DOCKER_INFLUXDB_INIT_ORG: org,
        DOCKER_INFLUXDB_INIT_BUCKET: bucket,
        INFLUX_USER: USER,
        INFLUX_PASSWORD: PASSWORD,
        TALLY_METRICS_URL: `${page}/metrics`,
        INFLUX_METRICS_URL: `${url}/metrics`,
      },
    },
  ).output();
  if (!success) throw new TypeError(`Cannot run init.sh: ${new TextDecoder().decode(stderr)}`);
}

/** The run is too short to have learnt what is unusual; one anomaly by hand, so that what asks for them is tried too. */
async function writeAnomaly({ url, token, org, bucket }: InfluxService, nowMs: number): Promise<void> {
  await using store = new InfluxStore({ url, token, org, bucket, timeoutMs: 10_000 }, { clock: systemClock });
  const timeMs = Math.floor(nowMs / SLIDE_MS) * SLIDE_MS - 12 * SLIDE_MS;
  const message = "fraud_rate 9.1 % in travel, expected 0.6 % (0.2-1.1 %)";
  await store.write([
    {
      measurement: "transactions_anomaly",
      tags: { category: "travel", metric: "fraud_rate", region: "" },
      timeMs,
      fields: { score: 0.9999, value: 0.091, expected: 0.006, lower: 0.002, upper: 0.011, message, final: true },
    },
  ]);
}
