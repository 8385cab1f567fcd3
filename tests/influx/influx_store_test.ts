/** What InfluxStore does on a real InfluxDB, beyond the contract of every store. */
import assert from "node:assert/strict";
import { systemClock } from "../../src/clock.ts";
import type { Point } from "../../src/domain/point.ts";
import { InfluxStore } from "../../src/influx/influx_store.ts";
import type { PointQuery } from "../../src/stream/store.ts";
import { avgPoint } from "../contracts/store_contract.ts";
import { influx, type InfluxService } from "../services/services.ts";
import { createDatabase, createToken, type Database, influxql, type InfluxServer } from "./databases.ts";

const AVG: PointQuery = { measurement: "transactions_avg" };
const services = new Map<string, InfluxService>();

Deno.test.beforeAll(async () => {
  services.set("2.7", await influx({ version: 2 }));
  services.set("1.8", await influx({ version: 1, own: true }));
});
Deno.test.afterAll(async () => {
  for (const service of services.values()) await service[Symbol.asyncDispose]();
});

function serverOf(version: "2.7" | "1.8"): InfluxServer {
  const service = services.get(version);
  if (service === undefined) throw new TypeError(`Cannot test on InfluxDB ${version}: it is not running`);
  return { version, url: service.url, org: service.org, token: version === "1.8" ? "" : service.token };
}

interface Given {
  readonly server: InfluxServer;
  readonly database: Database;
  readonly store: InfluxStore;
}

/** Registers a law for both versions, on an empty database each. */
function law(text: string, run: (given: Given) => Promise<void>, retentionSeconds = 0): void {
  for (const version of ["2.7", "1.8"] as const) {
    Deno.test(`InfluxStore on ${version} ${text}`, async () => {
      const server = serverOf(version);
      await using database = await createDatabase(server, retentionSeconds);
      await using store = new InfluxStore(database.config, { clock: systemClock });
      await run({ server, database, store });
    });
  }
}

const inCategory = (category: string, n = 1): Point => avgPoint(n, { tags: { category, window: "60s" } });
const readAll = (store: InfluxStore, query: PointQuery = AVG) => Array.fromAsync(store.read(query));

law("answers what an analyst asks in InfluxQL", async ({ store, database: { config } }) => {
  await store.write(Array.from({ length: 12 }, (_, n) => avgPoint(n)));
  const ask = async (statement: string) => JSON.parse(await influxql(config, statement)).results[0].series[0];
  const databases: string[][] = (await ask("SHOW DATABASES")).values;
  assert.ok(databases.some(([name]) => name === config.bucket));
  assert.deepStrictEqual((await ask("SHOW MEASUREMENTS")).values, [["transactions_avg"]]);
  const { columns, values } = await ask("SELECT * FROM transactions_avg LIMIT 10");
  assert.strictEqual(values.length, 10);
  const first: Record<string, unknown> = Object.fromEntries(
    columns.map((name: string, i: number) => [name, values[0][i]]),
  );
  const { tags, fields, timeMs } = avgPoint(0);
  assert.deepStrictEqual(first, { time: new Date(timeMs).toISOString().replace(".000", ""), ...tags, ...fields });
});

law("writes more points than one request holds, and reads them over many pages", async ({ store, database }) => {
  const points = Array.from({ length: 10_001 }, (_, n) => inCategory(`c${n % 3}`, Math.floor(n / 3)));
  assert.deepStrictEqual(await store.write(points), { refused: [] });
  await using paged = new InfluxStore(database.config, { clock: systemClock, pageRows: 1_000 });
  assert.deepStrictEqual(await readAll(paged), points);
});

law("reads the same whatever a page holds, also instants larger than a page", async ({ store, database }) => {
  const points = [5, 1, 3, 4, 1].flatMap((size, n) => Array.from({ length: size }, (_, i) => inCategory(`c${i}`, n)));
  await store.write(points);
  for (const pageRows of [1, 2, 3, 4, 5, 6, 13, 14, 15]) {
    await using paged = new InfluxStore(database.config, { clock: systemClock, pageRows });
    assert.deepStrictEqual(await readAll(paged), points, `${pageRows} rows a page`);
    for (const limit of [0, 1, 2, 5, 9, 14, 20]) {
      const newest = limit === 0 ? [] : points.slice(-limit);
      assert.deepStrictEqual(await readAll(paged, { ...AVG, limit }), newest, `${pageRows} rows, limit ${limit}`);
    }
  }
});

law("keeps tag values of nasty characters apart, and finds each", async ({ store }) => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 1;
  let state = seed;
  const draw = (below: number): number => (state = Math.imul(state ^ (state >>> 13), 0x5bd1e995) + 1 >>> 0) % below;
  const chars = [..."\\\\\\,= \"'\n\r\t\0\u0001\u007f\u200b␊é😀"];
  const values = new Set(
    Array.from({ length: 300 }, () => Array.from({ length: 1 + draw(5) }, () => chars[draw(chars.length)]).join("")),
  );
  const points = [...values].map((category) => inCategory(category));
  assert.deepStrictEqual(await store.write(points), { refused: [] }, `seed ${seed}`);
  assert.strictEqual((await readAll(store)).length, points.length, `seed ${seed}`);
  for (const point of points) {
    const category = point.tags["category"] ?? "";
    assert.deepStrictEqual(await readAll(store, { ...AVG, tags: { category } }), [point], `seed ${seed}`);
  }
});

law("refuses the points of a field that somebody wrote as text, and writes the rest", async ({ store, database }) => {
  const { url, org, bucket, token } = database.config;
  await fetch(`${url}/api/v2/write?org=${org}&bucket=${bucket}&precision=ms`, {
    method: "POST",
    headers: { authorization: `Token ${token}` },
    body: `transactions_avg,category=x,window=60s avg_amount="text" ${avgPoint(0).timeMs}`,
  });
  const bad = [avgPoint(1), avgPoint(2)], good = avgPoint(3, { fields: { transaction_count: 1 } });
  const { refused } = await store.write([...bad, good]);
  assert.deepStrictEqual(refused.map(({ point }) => point), bad);
  refused.forEach(({ reason }) => assert.match(reason, /field type conflict/));
  assert.deepStrictEqual(await readAll(store, { ...AVG, tags: { category: "grocery_pos" } }), [good]);
});

law("takes a name of 65,535 bytes, refuses one of 65,536 and writes the rest", async ({ store }) => {
  // InfluxDB counts its own key: the name, a separator of four bytes and the field.
  const rest = "transactions_avg,category=,window=60s#!~#transactions_per_minute".length;
  const longest = inCategory("x".repeat(65_535 - rest)), tooLong = inCategory("x".repeat(65_536 - rest));
  const points = [inCategory("a"), tooLong, inCategory("b"), longest];
  const { refused } = await store.write(points);
  // Compared by identity: a report of names of 64 KiB helps nobody.
  assert.deepStrictEqual(refused.map(({ point }) => points.indexOf(point)), [1]);
  assert.match(refused[0]?.reason ?? "", /max key length exceeded/);
  const sizes = (await readAll(store)).map(({ tags }) => tags["category"]?.length);
  assert.deepStrictEqual(sizes, [1, 1, 65_535 - rest]);
});

law("refuses points older than the bucket keeps, one or all, and writes the rest", async ({ store }) => {
  const now = { ...inCategory("now"), timeMs: Math.floor(Date.now() / 1_000) * 1_000 };
  const old = Array.from({ length: 1_000 }, (_, n) => avgPoint(n));
  const refusedOf = async (points: readonly Point[]) => (await store.write(points)).refused.map(({ point }) => point);
  assert.deepStrictEqual(await refusedOf(old), old);
  assert.deepStrictEqual(await refusedOf([...old.slice(0, 3), now]), old.slice(0, 3));
  assert.deepStrictEqual(await readAll(store), [now]);
}, 3_600);

law("addresses a database with its retention policy", async ({ store, database: { config } }) => {
  if (config.token !== "") return;
  await using autogen = new InfluxStore({ ...config, bucket: `${config.bucket}/autogen` }, { clock: systemClock });
  await autogen.write([avgPoint(1)]);
  await autogen.ping();
  assert.deepStrictEqual(await readAll(autogen), [avgPoint(1)]);
  assert.deepStrictEqual(await readAll(store), [avgPoint(1)]);
});

law("ping() names INFLUX_BUCKET when there is no such bucket", async ({ database: { config } }) => {
  await using store = new InfluxStore({ ...config, bucket: "nowhere" }, { clock: systemClock });
  await assert.rejects(store.ping(), { name: "ConfigError", message: /nowhere.*INFLUX_BUCKET/ });
  await assert.rejects(store.write([avgPoint(1)]), { name: "ConfigError", message: /INFLUX_BUCKET/ });
});

Deno.test("InfluxStore.ping() on 2.7 names INFLUX_TOKEN when the token is wrong or may only read or only write", async () => {
  const server = serverOf("2.7");
  await using database = await createDatabase(server);
  for (const token of ["wrong-token", "", await createToken(server, ["read"]), await createToken(server, ["write"])]) {
    await using store = new InfluxStore({ ...database.config, token }, { clock: systemClock });
    await assert.rejects(store.ping(), { name: "ConfigError", message: /INFLUX_TOKEN/ });
  }
  const token = await createToken(server, ["read", "write"]);
  await using store = new InfluxStore({ ...database.config, token }, { clock: systemClock });
  await store.ping();
});

Deno.test("InfluxStore.ping() on 2.7 names INFLUX_ORG when there is no such organisation", async () => {
  await using database = await createDatabase(serverOf("2.7"));
  await using store = new InfluxStore({ ...database.config, org: "nobody" }, { clock: systemClock });
  await assert.rejects(store.ping(), { name: "ConfigError", message: /INFLUX_ORG \(now nobody\)/ });
});

Deno.test("InfluxStore.read() refuses tags and limits that do not exist", async () => {
  const config = { url: "http://127.0.0.1:1", token: "", org: "", bucket: "b", timeoutMs: 1_000 };
  await using store = new InfluxStore(config, { clock: systemClock });
  await assert.rejects(readAll(store, { ...AVG, tags: { 'a" OR 1=1': "x" } }), RangeError);
  await assert.rejects(store.tagValues({ measurement: "transactions_avg", tag: "region", limit: 1 }), RangeError);
  for (const limit of [-1, 0.5, NaN]) await assert.rejects(readAll(store, { ...AVG, limit }), RangeError);
  await assert.rejects(readAll(store, { ...AVG, fromMs: NaN }), RangeError);
});
