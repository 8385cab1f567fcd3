/** What an analyst types into InfluxDB 1.8's own shell after a run of ours. */
import assert from "node:assert/strict";
import { SCHEMA } from "../../src/domain/point.ts";
import { Installation } from "../e2e/installation.ts";
import { influx } from "./services.ts";

const LINES = ["SHOW DATABASES;", "USE fraud_data;", "SHOW MEASUREMENTS;", "SELECT * FROM transactions_avg LIMIT 10;"];

Deno.test("influx shell of 1.8: SHOW DATABASES, USE, SHOW MEASUREMENTS and SELECT * show what tally run wrote", async () => {
  await using server = await influx({ version: 1, own: true });
  await using tally = await Installation.create({ INFLUX_URL: server.url, INFLUX_BUCKET: "fraud_data" });
  await tally.run("produce", "--count", "20000", "--rate", "200", "--speed", "max", "--seed", "1");
  await tally.catchUp();
  const said = (await server.shell(...LINES)).replaceAll("\r", "");
  const databases = said.indexOf("name: databases"), using = said.indexOf("Using database fraud_data");
  const measurements = said.indexOf("name: measurements"), points = said.indexOf("name: transactions_avg");
  assert.ok(0 < databases && databases < using && using < measurements && measurements < points, said);
  assert.match(said.slice(databases, using), /^fraud_data$/m);
  for (const name of ["transactions_avg", "transactions_total"]) {
    assert.match(said.slice(measurements, points), new RegExp(`^${name}$`, "m"));
  }
  const [, head = "", , ...rows] = said.slice(points).split("\n").map((line) => line.trim());
  const columns = head.split(/\s+/), { tags, fields } = SCHEMA.transactions_avg;
  const anomalies = columns.filter((name) =>
    name !== "time" && ![...tags, ...Object.keys(fields)].some((known) => known === name)
  );
  assert.deepEqual(anomalies, []);
  for (const name of ["category", "window", "avg_amount", "transaction_count", "final"]) {
    assert.ok(columns.includes(name));
  }
  assert.equal(rows.filter((row) => /^\d{19} /.test(row)).length, 10, said);
});
