/** Every query of the dashboards and alerts, on a real InfluxDB filled by a real run. */
import assert from "node:assert/strict";
import { systemClock } from "../../src/clock.ts";
import { eventually } from "../e2e/program.ts";
import { holds } from "../grafana/alert_condition.ts";
import type { DashboardFile } from "../grafana/dashboard_schema.ts";
import { dashboardFiles, type RuleFile, ruleFiles, ruleQueries } from "../grafana/grafana_files.ts";
import { type Choice, filledIn, firstRange, hasValues, type NamedQuery, type Series } from "./grafana_query.ts";
import { type GrafanaWorld, grafanaWorld } from "./grafana_world.ts";

/** Metrics come every 10 s, and differences need two of them. */
const WITHIN_MS = 60_000;
const CHOICES: readonly Choice[] = [
  { category: [".*"], region: [".*"], partition: [".*"] },
  {
    category: ["travel", "grocery_pos"],
    region: ["CA", "TX", "NY"],
    partition: ["0", "1", "2", "3", "4", "5", "6", "7"],
  },
  { category: ["grocery_pos"], region: ["CA"], partition: [".*"] },
];

const held: { world?: GrafanaWorld } = {};
Deno.test.beforeAll(async () => void (held.world = await grafanaWorld()));
Deno.test.afterAll(async () => await held.world?.[Symbol.asyncDispose]());

Deno.test("panels: every query has an answer, for all, several and one choice of the variables", async () => {
  for (const dashboard of await dashboardFiles()) {
    for (const choice of CHOICES) {
      for (const query of panelQueries(dashboard)) await answered(dashboard, query, choice);
    }
  }
});

Deno.test("annotations: every query has an answer with the columns that are shown", async () => {
  for (const dashboard of await dashboardFiles()) {
    for (const { name, query, textColumn, tagsColumn } of dashboard.annotations.list) {
      const [series] = await answered(dashboard, { name, query }, CHOICES[0] ?? {});
      for (const column of [textColumn, ...tagsColumn.split(",")]) assert.ok(series?.columns.includes(column), column);
    }
  }
});

Deno.test("variables: every one lists the values that there are", async () => {
  const counts = new Map<string, number>();
  for (const { templating } of await dashboardFiles()) {
    for (const { name, query } of templating.list.filter(({ type }) => type === "query")) {
      const [series] = await world().source.ask(query);
      counts.set(name, series?.values.length ?? 0);
    }
  }
  assert.deepEqual([counts.get("category"), counts.get("partition")], [14, 12]);
  assert.ok((counts.get("region") ?? 0) > 40, `${counts.get("region")} regions`);
});

Deno.test("InfluxQL: the user that init.sh makes sees the databases, the measurements and the points", async () => {
  const names = async (statement: string) =>
    (await world().source.ask(statement))[0]?.values.map(([name]) => name) ?? [];
  const databases = await names("SHOW DATABASES");
  assert.ok(["fraud_data", "tally_metrics"].every((name) => databases.includes(name)), databases.join());
  assert.ok((await names("SHOW MEASUREMENTS")).includes("transactions_avg"));
  assert.equal((await names("SELECT * FROM transactions_avg LIMIT 10")).length, 10);
});

Deno.test("map: every region has coordinates under the names that the panel takes them from", async () => {
  const [customers] = await dashboardFiles();
  assert.ok(customers !== undefined);
  const [map] = panelQueries(customers).filter(({ name }) => name.startsWith("Regions"));
  assert.ok(map !== undefined);
  for (const { columns, values: [row] } of await answered(customers, map, CHOICES[0] ?? {})) {
    for (const name of ["latitude", "longitude"]) assert.ok(Number.isFinite(row?.[columns.indexOf(name)]), name);
  }
});

Deno.test("alerts: every query has an answer, and in a healthy run only the anomaly that is there alerts", async () => {
  const alerting: string[] = [];
  for (const rule of await ruleFiles()) if (await alerts(rule)) alerting.push(rule.uid);
  assert.deepEqual(alerting, ["tally-anomaly-score"]);
});

Deno.test("alerts: where transactions have stopped, the last ten minutes count as zeros and the rule holds", async () => {
  const rule = (await ruleFiles()).find(({ uid }) => uid === "tally-transactions-fell");
  assert.ok(rule !== undefined);
  assert.equal(await alerts(rule, world().nowMs + 15 * 60_000), true);
  assert.equal(await alerts(rule, world().nowMs), false);
});

function world(): GrafanaWorld {
  if (held.world === undefined) throw new TypeError("Cannot use the world: no test has begun");
  return held.world;
}

function panelQueries({ panels }: DashboardFile): readonly NamedQuery[] {
  return panels.flatMap(({ title, interval, targets }) =>
    targets.map(({ refId, query }) => ({ name: `${title} ${refId}`, query, interval }))
  );
}

/** What InfluxDB answers, as soon as there is something. */
async function answered(dashboard: DashboardFile, query: NamedQuery, choice: Choice): Promise<readonly Series[]> {
  return await eventually(async () => {
    const text = filledIn(query, firstRange(dashboard, systemClock.nowMs()), choice);
    const series = await world().source.ask(text);
    return hasValues(series) ? series : undefined;
  }, { what: `an answer for ${dashboard.title}, ${query.name}`, withinMs: WITHIN_MS });
}

/** Whether a rule alerts for any of its series. */
async function alerts(rule: RuleFile, nowMs?: number): Promise<boolean> {
  const [first = new Map<string, number>(), ...others] = await Promise.all(
    ruleQueries(rule).map((_, index) => reduced(rule, index, nowMs)),
  );
  return [...first].some(([tags, value]) => {
    const values = [value, ...others.map((other) => other.get(tags) ?? NaN)];
    return !values.some(Number.isNaN) && holds(rule, values);
  });
}

/** The number that each series of a rule's query comes to, by its tags. */
async function reduced(rule: RuleFile, index: number, nowMs?: number): Promise<ReadonlyMap<string, number>> {
  const step = ruleQueries(rule)[index];
  assert.ok(step !== undefined);
  const { refId, relativeTimeRange: { from, to }, model: { query } } = step;
  const reducer =
    rule.data.flatMap(({ model }) => "reducer" in model && model.expression === refId ? [model.reducer] : [])[0];
  const series = await eventually(async () => {
    const endMs = nowMs ?? systemClock.nowMs();
    const range = { fromMs: endMs - from * 1_000, toMs: endMs - to * 1_000 };
    const answer = await world().source.ask(filledIn({ name: refId, query }, range, {}));
    return hasValues(answer) ? answer : undefined;
  }, { what: `an answer for ${rule.title}, ${refId}`, withinMs: WITHIN_MS });
  return new Map(series.map(({ tags = {}, values }) => {
    const numbers = values.map((row) => row[1]).filter((value) => typeof value === "number");
    return [JSON.stringify(tags), reduce(numbers, reducer ?? "")];
  }));
}

function reduce(numbers: readonly number[], reducer: string): number {
  if (reducer === "last") return numbers.at(-1) ?? NaN;
  if (reducer === "max") return Math.max(...numbers);
  if (reducer === "mean") return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  throw new RangeError(`Cannot reduce by ${reducer}: only last, max and mean are known`);
}
