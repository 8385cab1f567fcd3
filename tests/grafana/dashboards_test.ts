/** The dashboards keep the rules of dashboard-linter that are not about Prometheus, and show what they must. */
import assert from "node:assert/strict";
import { type MeasurementSchema, SCHEMA } from "../../src/domain/point.ts";
import type { DashboardFile } from "./dashboard_schema.ts";
import { dashboardFiles, dataSourceFile } from "./grafana_files.ts";

/** Grafana's names of the units in use; one that it does not know would be printed as it stands. */
const UNITS = ["bool_yes_no", "cpm", "cps", "currencyUSD", "ms", "percentunit", "s", "short"];
/** What Grafana fills in besides the dashboard's own variables. */
const BUILT_IN = ["timeFilter", "__interval", "tag_category", "tag_partition", "tag_path"];
const SHORTEST_REFRESH_SECONDS = 5;

const everyDashboard = async (check: (dashboard: DashboardFile) => void) => (await dashboardFiles()).forEach(check);

Deno.test("dashboards: both are named, one by one, and every panel of a title is there once", async () => {
  const all = await dashboardFiles();
  assert.deepEqual(all.map(({ uid, title }) => [uid, title]), [
    ["tally-customer-behaviour", "Customer behaviour"],
    ["tally-pipeline", "Tally pipeline"],
  ]);
  for (const { panels } of all) {
    assert.equal(new Set(panels.map(({ title }) => title)).size, panels.length);
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  }
});

Deno.test("dashboards: template-datasource: one variable chooses the data source, and starts with the provisioned one", async () => {
  const { uid, name } = await dataSourceFile({});
  await everyDashboard(({ templating }) => {
    const sources = templating.list.filter(({ type }) => type === "datasource");
    assert.deepEqual(sources.map((source) => [source.name, source.label, source.query]), [
      ["datasource", "Data source", "influxdb"],
    ]);
    assert.deepEqual([sources[0]?.current.value, uid], [name, name]);
  });
});

Deno.test("dashboards: panel-datasource: panels, queries, variables and annotations use the chosen data source", async () => {
  await everyDashboard(({ panels, templating, annotations }) => {
    const refs = [
      ...panels.flatMap((panel) => [panel.datasource, ...panel.targets.map(({ datasource }) => datasource)]),
      ...templating.list.flatMap(({ datasource }) => datasource === undefined ? [] : [datasource]),
      ...annotations.list.map(({ datasource }) => datasource),
    ];
    for (const { uid } of refs) assert.equal(uid, "${datasource}");
  });
});

Deno.test("dashboards: panel-title-description: every panel has a title and a sentence that explains it", async () => {
  await everyDashboard(({ panels }) => {
    for (const { title, description } of panels) assert.match(description, /^[A-Z].{20,}\.$/, title);
  });
});

Deno.test("dashboards: panel-units: every panel has a unit that Grafana knows", async () => {
  await everyDashboard(({ panels }) => {
    for (const { title, fieldConfig } of panels) assert.ok(UNITS.includes(fieldConfig.defaults.unit), title);
  });
});

Deno.test("dashboards: uneditable-dashboard, panel-no-targets and template-on-time-change-reload", async () => {
  await everyDashboard(({ editable, panels, templating }) => {
    assert.equal(editable, false);
    for (const { targets } of panels) assert.ok(targets.length > 0);
    for (const { type, refresh } of templating.list) if (type === "query") assert.equal(refresh, 2);
  });
});

Deno.test("dashboards: refresh themselves, no faster than Grafana allows by default", async () => {
  await everyDashboard(({ refresh, timepicker }) => {
    assert.ok(timepicker.refresh_intervals.includes(refresh));
    for (const interval of timepicker.refresh_intervals) {
      const [, amount, unit] = /^(\d+)(s|m)$/.exec(interval) ?? [];
      assert.ok(Number(amount) * (unit === "m" ? 60 : 1) >= SHORTEST_REFRESH_SECONDS, interval);
    }
  });
});

Deno.test("dashboards: category, region and partition take several values and all", async () => {
  const chosen = (await dashboardFiles()).map(({ templating }) =>
    templating.list.filter(({ type }) => type === "query").map(({ name, multi, includeAll, allValue }) => (
      { name, multi, includeAll, allValue }
    ))
  );
  const several = { multi: true, includeAll: true, allValue: ".*" };
  assert.deepEqual(chosen, [
    [{ name: "category", ...several }, { name: "region", ...several }],
    [{ name: "partition", ...several }],
  ]);
});

Deno.test("dashboards: a query names only variables that there are, and its variables in a way that takes several values", async () => {
  await everyDashboard(({ panels, templating, annotations }) => {
    const known = new Set([...BUILT_IN, ...templating.list.map(({ name }) => name)]);
    const queries = [...panels.flatMap(({ targets }) => targets), ...annotations.list].map(({ query }) => query);
    for (const query of queries) {
      for (const [, name = ""] of query.matchAll(/\$\{?(\w+)/g)) assert.ok(known.has(name), `$${name} in ${query}`);
      assert.match(query, /\$timeFilter/);
      assert.doesNotMatch(query, /(?<!\/\^)\$(category|region|partition)\b/);
    }
  });
});

Deno.test("dashboards: every quoted name of a query is a measurement, tag or field that Tally writes, or is given in it", async () => {
  await everyDashboard(({ panels, annotations }) => {
    const queries = [...panels.flatMap(({ targets }) => targets), ...annotations.list].map(({ query }) => query);
    // What InfluxDB collects has names of its own; the tests on the real one try these.
    for (const query of queries.filter((text) => !text.includes("tally_metrics"))) assertKnownNames(query);
  });
});

Deno.test("dashboards: no panel lies on another", async () => {
  await everyDashboard(({ panels }) => {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + cell % w},${y + Math.floor(cell / w)}`)
    );
    assert.equal(new Set(cells).size, cells.length);
  });
});

function assertKnownNames(query: string): void {
  const given = [...query.matchAll(/AS "([^"]+)"/g)].map(([, name]) => name);
  const known = new Set([
    ...given,
    ...Object.entries<MeasurementSchema>(SCHEMA).flatMap((
      [measurement, { tags, fields }],
    ) => [measurement, ...tags, ...Object.keys(fields)]),
  ]);
  for (const [, name = ""] of query.matchAll(/"([^"]+)"/g)) assert.ok(known.has(name), `"${name}" in ${query}`);
}
