import assert from "node:assert/strict";
import { z } from "zod";
import { THRESHOLDS } from "../../grafana/src/thresholds.ts";
import { holds } from "./alert_condition.ts";
import {
  dashboardFiles,
  dataSourceFile,
  GRAFANA,
  provisioned,
  type RuleFile,
  ruleFiles,
  ruleQueries,
} from "./grafana_files.ts";

Deno.test("alerts: the five rules are there", async () => {
  assert.deepEqual((await ruleFiles()).map(({ uid }) => uid), [
    "tally-fraud-rate",
    "tally-transactions-fell",
    "tally-anomaly-score",
    "tally-lag-grows",
    "tally-store-silent",
  ]);
});

Deno.test("alerts: every expression and the condition refer to steps of their rule", async () => {
  for (const { title, data, condition } of await ruleFiles()) {
    const ids = data.map(({ refId }) => refId);
    assert.equal(new Set(ids).size, ids.length, title);
    assert.ok(ids.includes(condition), title);
    for (const { model } of data) {
      if (!("expression" in model)) continue;
      const named = model.type === "reduce" ? [model.expression] : variablesOf(model.expression);
      assert.ok(named.length > 0 && named.every((name) => ids.includes(name)), `${title}: ${model.expression}`);
    }
  }
});

Deno.test("alerts: queries use no variable but the time range, and only final points of transactions", async () => {
  for (const rule of await ruleFiles()) {
    for (const { model: { query } } of ruleQueries(rule)) {
      assert.deepEqual([...query.matchAll(/\$\w+/g)].map(([name]) => name), ["$timeFilter"], query);
      if (/"transactions_/.test(query)) assert.match(query, /"final" = true/);
    }
  }
});

Deno.test("alerts: each leads to a panel that there is", async () => {
  const dashboards = await dashboardFiles();
  for (const { title, annotations } of await ruleFiles()) {
    const dashboard = dashboards.find(({ uid }) => uid === annotations["__dashboardUid__"]);
    assert.ok(dashboard?.panels.some(({ id }) => String(id) === annotations["__panelId__"]), title);
    assert.ok((annotations["summary"] ?? "") !== "" && (annotations["description"] ?? "") !== "", title);
  }
});

Deno.test("alerts: conditions do not hold at their limits and hold past them", async () => {
  const rule = new Map((await ruleFiles()).map((each) => [each.uid, each]));
  const { fraudRate, fraudTransactions, fallenTo, fallenFromPerMinute, anomalyScore, lagRecords } = THRESHOLDS;
  const cases: readonly (readonly [uid: string, values: readonly number[], isHeld: boolean])[] = [
    ["tally-fraud-rate", [fraudRate, 1_000], false],
    ["tally-fraud-rate", [fraudRate + 1e-9, fraudTransactions], true],
    ["tally-fraud-rate", [1, fraudTransactions - 1], false],
    ["tally-transactions-fell", [100 * fallenTo, 100], false],
    ["tally-transactions-fell", [100 * fallenTo - 1e-9, 100], true],
    ["tally-transactions-fell", [0, fallenFromPerMinute], true],
    ["tally-transactions-fell", [0, fallenFromPerMinute - 1e-9], false],
    ["tally-anomaly-score", [anomalyScore], false],
    ["tally-anomaly-score", [anomalyScore + 1e-9], true],
    ["tally-lag-grows", [1, lagRecords], false],
    ["tally-lag-grows", [1, lagRecords + 1], true],
    ["tally-lag-grows", [0, lagRecords + 1], false],
    ["tally-store-silent", [1], false],
    ["tally-store-silent", [0], true],
  ];
  for (const [uid, values, isHeld] of cases) {
    assert.equal(holds(rule.get(uid) ?? unknown(uid), values), isHeld, `${uid} of ${values}`);
  }
});

Deno.test("alerts: a silent store alerts, other rules without data do not", async () => {
  const states = (await ruleFiles()).map(({ uid, noDataState }) => [uid, noDataState]);
  assert.deepEqual(states.filter(([, state]) => state !== "OK"), [["tally-store-silent", "Alerting"]]);
});

Deno.test("alerts: the policy sends everything to the contact point, critical alerts again sooner", async () => {
  const points = z.object({ contactPoints: z.array(z.object({ name: z.string() })) })
    .parse(await provisioned("alerting/contact_points.yaml"));
  const route = z.object({ receiver: z.string(), repeat_interval: z.string() });
  const { policies } = z.object({ policies: z.array(route.extend({ routes: z.array(route) })) })
    .parse(await provisioned("alerting/policies.yaml"));
  const names = points.contactPoints.map(({ name }) => name);
  const receivers = policies.flatMap(({ receiver, routes }) => [receiver, ...routes.map((each) => each.receiver)]);
  assert.deepEqual([names, new Set(receivers)], [["tally"], new Set(["tally"])]);
});

Deno.test("grafana/README.md: names every rule with its description", async () => {
  const readme = (await Deno.readTextFile(new URL("README.md", GRAFANA))).replaceAll(/\s+/g, " ");
  for (const { title, annotations } of await ruleFiles()) {
    assert.ok(readme.includes(title) && readme.includes(annotations["description"] ?? "?"), title);
  }
});

Deno.test("data source: InfluxQL on fraud_data as admin, its database named for old and new versions of Grafana", async () => {
  const env = { INFLUX_URL: "http://influxdb:8086", INFLUX_USER: "admin", INFLUX_PASSWORD: "admin123" };
  const { uid, url, user, database, jsonData, secureJsonData, editable } = await dataSourceFile(env);
  assert.deepEqual({ uid, url, user, database, dbName: jsonData.dbName, secureJsonData, editable }, {
    uid: "tally",
    url: "http://influxdb:8086",
    user: "admin",
    database: "fraud_data",
    dbName: "fraud_data",
    secureJsonData: { password: "admin123" },
    editable: false,
  });
});

function variablesOf(expression: string): readonly string[] {
  return [...expression.matchAll(/\$(\w+)/g)].map(([, name = ""]) => name);
}

function unknown(uid: string): RuleFile {
  throw new RangeError(`Cannot find rule ${uid}: there is none`);
}
