/**
 * Real servers for tests: Kafka and InfluxDB on 127.0.0.1, on free ports, with their data in a temporary folder.
 *
 * The scripts beside this file install them (once, into `TALLY_SERVICES_CACHE`, by default `~/.cache/tally-services`) and
 * start and stop them. A server that does not come up fails the test with the end of its log; nothing is skipped.
 */
import { fileURLToPath } from "node:url";

/** Options of `kafka`. */
export interface KafkaOptions {
  /**
   * Lines added to every broker's `server.properties`; they win. Implies a server of our own. With one broker, `{port}`,
   * `{controllerPort}` and `{extraPort}` stand for its ports.
   */
  readonly properties?: Readonly<Record<string, string>>;
  /** Brokers. @default {1} */
  readonly nodes?: number;
  /** A server of our own even when `KAFKA_BROKERS` names one: for tests that kill it. @default {false} */
  readonly own?: boolean;
}

/** A running Kafka. */
export interface KafkaService extends AsyncDisposable {
  readonly brokers: readonly string[];
  /** A port reserved for a second listener that `properties` may name as `{extraPort}`; 0 for a server not ours. */
  readonly extraPort: number;
  /** Kills a broker as a power failure would. @param node - counted from 1 */
  kill(node?: number): Promise<void>;
  /** Starts a broker that was killed, and waits until it serves. */
  restart(node?: number): Promise<void>;
  /** Runs one of Kafka's own tools (see kafka_cli.sh) and resolves to what it printed. */
  tool(name: string, ...args: readonly string[]): Promise<string>;
}

/** Options of `influx`. */
export interface InfluxOptions {
  /** 1 is 1.8, 2 is 2.7. @default {2} */
  readonly version?: 1 | 2;
  /** A server of our own even when `INFLUX_URL` names one. @default {false} */
  readonly own?: boolean;
}

/** A running InfluxDB, set up. */
export interface InfluxService extends AsyncDisposable {
  readonly url: string;
  readonly org: string;
  readonly bucket: string;
  readonly token: string;
  /** For InfluxQL over `GET /query`. */
  readonly user: string;
  readonly password: string;
  /** Kills the server as a power failure would. */
  kill(): Promise<void>;
  /** Starts it again, and waits until it serves. */
  restart(): Promise<void>;
  /** Types lines into the shell of InfluxDB 1.8 and resolves to what it printed. */
  shell(...lines: readonly string[]): Promise<string>;
}

type Env = Readonly<Record<string, string>>;

/** Starts Kafka, or uses the one that `KAFKA_BROKERS` names. */
export async function kafka(options: KafkaOptions = {}): Promise<KafkaService> {
  const { properties, nodes = 1, own = properties !== undefined || nodes > 1 } = options;
  const named = Deno.env.get("KAFKA_BROKERS");
  if (named !== undefined && !own) return namedKafka(named.split(","));
  return await (nodes === 1 ? oneKafka(properties ?? {}) : kafkaCluster(nodes, properties ?? {}));
}

/** Starts InfluxDB, or uses the one that `INFLUX_URL` names. */
export async function influx({ version = 2, own = false }: InfluxOptions = {}): Promise<InfluxService> {
  const facts = {
    org: Deno.env.get("INFLUX_ORG") ?? "tally",
    bucket: Deno.env.get("INFLUX_BUCKET") ?? "fraud_data",
    token: Deno.env.get("INFLUX_TOKEN") ?? "tally-token",
    user: "admin",
    password: "admin123",
  };
  const named = Deno.env.get("INFLUX_URL");
  if (named !== undefined && !own) return { url: named, ...facts, ...notOurs("INFLUX_URL"), shell: shellAt(named) };
  const [port] = freePorts(1);
  const data = await Deno.makeTempDir({ prefix: "tally-influx-" });
  const env: Env = {
    INFLUX_PORT: `${port}`,
    INFLUX_DATA: data,
    INFLUX_GEN: `${version}`,
    INFLUX_ORG: facts.org,
    INFLUX_BUCKET: facts.bucket,
    INFLUX_TOKEN: facts.token,
    INFLUX_USER: facts.user,
    INFLUX_PASSWORD: facts.password,
  };
  const start = () => timed(`influxdb ${version}`, () => script(`influxdb${version}_start.sh`, env));
  await orRemove(data, start);
  return {
    url: `http://127.0.0.1:${port}`,
    ...facts,
    kill: () => script("influxdb_stop.sh", { ...env, INFLUX_KILL: "1" }).then(() => undefined),
    restart: start,
    shell: shellAt(`http://127.0.0.1:${port}`),
    [Symbol.asyncDispose]: () => script("influxdb_stop.sh", { ...env, INFLUX_WIPE: "1" }).then(() => undefined),
  };
}

function shellAt(url: string): InfluxService["shell"] {
  return (...lines) => script("influxdb1_shell.sh", { INFLUX_PORT: new URL(url).port }, lines);
}

async function oneKafka(properties: Env): Promise<KafkaService> {
  const [port, controllerPort, extraPort] = freePorts(3);
  const data = await Deno.makeTempDir({ prefix: "tally-kafka-" });
  const env: Env = {
    KAFKA_PORT: `${port}`,
    KAFKA_CONTROLLER_PORT: `${controllerPort}`,
    KAFKA_DATA: data,
    KAFKA_EXTRA_PROPS: `${data}/extra.properties`,
  };
  await writeProperties({ ...env, extraPort: `${extraPort}` }, properties);
  const start = () => timed("kafka", () => script("kafka_start.sh", env));
  await orRemove(data, start);
  return {
    brokers: [`127.0.0.1:${port}`],
    extraPort: extraPort ?? 0,
    kill: () => script("kafka_stop.sh", { ...env, KAFKA_KILL: "1" }).then(() => undefined),
    restart: start,
    tool: (name, ...args) => script("kafka_cli.sh", {}, [name, ...args]),
    [Symbol.asyncDispose]: () => script("kafka_stop.sh", { ...env, KAFKA_WIPE: "1" }).then(() => undefined),
  };
}

async function writeProperties(env: Env, properties: Env): Promise<void> {
  const ports = { port: env["KAFKA_PORT"], controllerPort: env["KAFKA_CONTROLLER_PORT"], extraPort: env["extraPort"] };
  let text = Object.entries(properties).map(([name, value]) => `${name}=${value}\n`).join("");
  for (const [name, port] of Object.entries(ports)) text = text.replaceAll(`{${name}}`, port ?? "");
  await Deno.writeTextFile(env["KAFKA_EXTRA_PROPS"] ?? "", text);
}

async function kafkaCluster(nodes: number, properties: Env): Promise<KafkaService> {
  const data = await Deno.makeTempDir({ prefix: "tally-kafka-" });
  const env: Env = {
    KAFKA_PORT: `${freeRow(nodes)}`,
    KAFKA_CLUSTER_DATA: data,
    KAFKA_EXTRA_PROPS: `${data}/extra.properties`,
  };
  await writeProperties(env, properties);
  const start = (only?: number) =>
    script("kafka_cluster_start.sh", only === undefined ? env : { ...env, KAFKA_ONLY: `${only}` }, [`${nodes}`]);
  let brokers = "";
  await orRemove(data, () => timed(`kafka cluster of ${nodes}`, async () => brokers = await start()));
  return {
    brokers: brokers.trim().split("\n").at(-1)?.split(",") ?? [],
    extraPort: 0,
    kill: (node = 1) =>
      script("kafka_cluster_stop.sh", { ...env, KAFKA_KILL: "1" }, [`${nodes}`, `${node}`]).then(() => undefined),
    restart: (node = 1) => timed(`kafka node ${node}`, () => start(node)),
    tool: (name, ...args) => script("kafka_cli.sh", {}, [name, ...args]),
    [Symbol.asyncDispose]: () =>
      // Data that goes away needs no orderly end, and a cluster takes long over one.
      script("kafka_cluster_stop.sh", { ...env, KAFKA_KILL: "1", KAFKA_WIPE: "1" }, [`${nodes}`]).then(() => undefined),
  };
}

function namedKafka(brokers: readonly string[]): KafkaService {
  return {
    brokers,
    extraPort: 0,
    ...notOurs("KAFKA_BROKERS"),
    tool: (name, ...args) => script("kafka_cli.sh", {}, [name, ...args]),
  };
}

function notOurs(variable: string): Pick<InfluxService, "kill" | "restart" | typeof Symbol.asyncDispose> {
  const refuse = () => Promise.reject(new TypeError(`Cannot stop a server that ${variable} names: it is not ours`));
  return { kill: refuse, restart: refuse, [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** Runs a script of this folder to its end; resolves to its output. */
async function script(name: string, env: Env, args: readonly string[] = []): Promise<string> {
  const command = new Deno.Command(fileURLToPath(new URL(name, import.meta.url)), {
    args: [...args],
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  const { success, code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!success) throw new ServiceError(`Cannot run ${name}: exit code ${code}\n${text(stderr)}${text(stdout)}`);
  return text(stdout);
}

/** A server or tool that did not do what a test needs; the message holds the end of its log. */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
}

/** Starts a server; its folder goes when it does not come up. */
async function orRemove(data: string, start: () => Promise<void>): Promise<void> {
  try {
    await start();
  } catch (error) {
    await Deno.remove(data, { recursive: true });
    throw error;
  }
}

async function timed(what: string, start: () => Promise<unknown>): Promise<void> {
  const startedMs = performance.now();
  await start();
  console.log(`${what}: serving after ${Math.round(performance.now() - startedMs)} ms`);
}

/** Ports that nobody listens on now, all different; below those that systems give to outgoing connections. */
function freePorts(count: number): number[] {
  const ports = new Set<number>();
  for (let attempt = 0; ports.size < count; attempt++) {
    if (attempt === 1000) throw new ServiceError(`Cannot find ${count} free ports: 1000 attempts found ${ports.size}`);
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (isFree(port)) ports.add(port);
  }
  return [...ports];
}

/** The first port of a row with room for `nodes` brokers: each takes two, ten apart. */
function freeRow(nodes: number): number {
  for (let attempt = 0; attempt < 50; attempt++) {
    const [first = 0] = freePorts(1);
    const row = Array.from({ length: nodes }, (_, node) => [first + 10 * node, first + 10 * node + 1]).flat();
    if (row.every(isFree)) return first;
  }
  throw new ServiceError(`Cannot find a row of free ports for ${nodes} brokers: 50 attempts failed`);
}

function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch {
    // In use, or past the last port: not free either way.
    return false;
  }
}
