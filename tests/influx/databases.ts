/** Empty databases on a real InfluxDB, one for each test. */
import { systemClock } from "../../src/clock.ts";
import type { InfluxConfig } from "../../src/influx/influx_config.ts";
import { InfluxStore } from "../../src/influx/influx_store.ts";
import type { PointQuery, Removal, Store } from "../../src/stream/store.ts";
import type { Point } from "../../src/domain/point.ts";

/** Each request has a connection of its own: one that is kept may belong to a server that was killed since. */
const client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });

/** A running InfluxDB. */
export interface InfluxServer {
  readonly version: "2.7" | "1.8";
  readonly url: string;
  readonly token: string;
  readonly org: string;
}

/** A bucket of its own, gone when disposed of. */
export interface Database extends AsyncDisposable {
  readonly config: InfluxConfig;
}

/** Makes an empty bucket on a server. @param retentionSeconds - 0 keeps all */
export async function createDatabase(server: InfluxServer, retentionSeconds = 0): Promise<Database> {
  const { url, token, org, version } = server, bucket = `test_${crypto.randomUUID().replaceAll("-", "")}`;
  const create = version === "2.7" ? createBucket : createDatabase1;
  const drop = await create(server, bucket, retentionSeconds);
  return { config: { url, token, org, bucket, timeoutMs: 60_000 }, [Symbol.asyncDispose]: drop };
}

/** A store on a database of its own, which goes with it. */
export class OwnStore implements Store {
  readonly #database: Database;
  readonly #store: InfluxStore;

  constructor(database: Database) {
    this.#database = database;
    this.#store = new InfluxStore(database.config, { clock: systemClock });
  }

  write(points: readonly Point[]) {
    return this.#store.write(points);
  }

  amend(points: readonly Point[]) {
    return this.#store.amend(points);
  }

  read(query: PointQuery) {
    return this.#store.read(query);
  }

  tagValues(query: Parameters<Store["tagValues"]>[0]) {
    return this.#store.tagValues(query);
  }

  remove(removal: Removal) {
    return this.#store.remove(removal);
  }

  ping() {
    return this.#store.ping();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store[Symbol.asyncDispose]();
    await this.#database[Symbol.asyncDispose]();
  }
}

/** Sends an InfluxQL statement as a person would and returns the answer's text. */
export async function influxql({ url, token, bucket }: InfluxConfig, statement: string): Promise<string> {
  const search = new URLSearchParams({ db: bucket, q: statement });
  const response = await fetch(`${url}/query?${search}`, { method: "POST", headers: authorization(token), client });
  return await response.text();
}

type Drop = () => Promise<void>;

async function createBucket(server: InfluxServer, name: string, retentionSeconds: number): Promise<Drop> {
  const { orgs } = JSON.parse(await api(server, `GET /api/v2/orgs?org=${server.org}`));
  const retentionRules = retentionSeconds === 0 ? [] : [{ type: "expire", everySeconds: retentionSeconds }];
  const body = JSON.stringify({ orgID: orgs[0].id, name, retentionRules });
  const { id } = JSON.parse(await api(server, "POST /api/v2/buckets", body));
  return async () => void await api(server, `DELETE /api/v2/buckets/${id}`);
}

/** Makes a token that may do only `actions` with buckets; 2.7 only. */
export async function createToken(server: InfluxServer, actions: readonly ("read" | "write")[]): Promise<string> {
  const { orgs } = JSON.parse(await api(server, `GET /api/v2/orgs?org=${server.org}`));
  const permissions = actions.map((action) => ({ action, resource: { type: "buckets", orgID: orgs[0].id } }));
  const body = JSON.stringify({ orgID: orgs[0].id, permissions });
  return JSON.parse(await api(server, "POST /api/v2/authorizations", body)).token;
}

async function api(server: InfluxServer, call: string, body?: string): Promise<string> {
  const [method = "GET", path = ""] = call.split(" "), init = { method, headers: authorization(server.token), client };
  const response = await fetch(server.url + path, body === undefined ? init : { ...init, body });
  const text = await response.text();
  if (!response.ok) throw new TypeError(`Cannot ${call}: ${response.status} ${text}`);
  return text;
}

async function createDatabase1(server: InfluxServer, bucket: string, retentionSeconds: number): Promise<Drop> {
  const config = { ...server, bucket, timeoutMs: 1 };
  await influxql(
    config,
    `CREATE DATABASE "${bucket}"${retentionSeconds === 0 ? "" : ` WITH DURATION ${retentionSeconds}s`}`,
  );
  return async () => void await influxql(config, `DROP DATABASE "${bucket}"`);
}

function authorization(token: string): Record<string, string> {
  return token === "" ? {} : { authorization: `Token ${token}` };
}
