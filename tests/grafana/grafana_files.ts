/** The files of `grafana/` as Grafana reads them from the disk. */
import { parse } from "yaml";
import { z } from "zod";
import { DASHBOARD_SCHEMA, type DashboardFile } from "./dashboard_schema.ts";

/** The folder. */
export const GRAFANA = new URL("../../grafana/", import.meta.url);

const DASHBOARDS = ["customer_behaviour.json", "tally_pipeline.json"];

/** Both dashboards. @throws {z.ZodError} (rejects) when one is none */
export async function dashboardFiles(): Promise<readonly DashboardFile[]> {
  return await Promise.all(DASHBOARDS.map(async (name) => {
    const text = await Deno.readTextFile(new URL(`dashboards/${name}`, GRAFANA));
    return DASHBOARD_SCHEMA.parse(JSON.parse(text));
  }));
}

const range = z.strictObject({ from: z.number(), to: z.number() });
const influxStep = z.strictObject({
  refId: z.string(),
  relativeTimeRange: range.refine(({ from, to }) => from > to),
  datasourceUid: z.literal("tally"),
  model: z.strictObject({
    refId: z.string(),
    datasource: z.strictObject({ type: z.literal("influxdb"), uid: z.literal("tally") }),
    query: z.string(),
    rawQuery: z.literal(true),
    resultFormat: z.literal("time_series"),
    intervalMs: z.number(),
    maxDataPoints: z.number(),
  }),
});
const expressionRef = z.literal("__expr__");
const expressionStep = z.strictObject({
  refId: z.string(),
  relativeTimeRange: range,
  datasourceUid: expressionRef,
  model: z.strictObject({
    refId: z.string(),
    datasource: z.strictObject({ type: expressionRef, uid: expressionRef }),
    type: z.enum(["math", "reduce"]),
    expression: z.string(),
    reducer: z.enum(["last", "max", "mean"]).optional(),
    settings: z.strictObject({ mode: z.literal("dropNN") }).optional(),
  }),
});
const duration = z.string().regex(/^\d+(s|m|h)$/);
const rule = z.strictObject({
  uid: z.string().min(1).max(40),
  title: z.string().min(1),
  condition: z.string(),
  for: duration,
  noDataState: z.enum(["NoData", "OK", "Alerting"]),
  execErrState: z.enum(["Error", "OK", "Alerting"]),
  annotations: z.record(z.string(), z.string()),
  labels: z.record(z.string(), z.string()),
  isPaused: z.boolean(),
  data: z.array(z.union([influxStep, expressionStep])).min(2),
});
const rulesFile = z.strictObject({
  apiVersion: z.literal(1),
  groups: z.array(z.strictObject({
    orgId: z.number(),
    name: z.string(),
    folder: z.string(),
    interval: duration,
    rules: z.array(rule),
  })),
});

/** An alert rule as it stands in its file. */
export type RuleFile = z.infer<typeof rule>;
/** A query of a rule. */
export type RuleQuery = z.infer<typeof influxStep>;

/** The alert rules. @throws {z.ZodError} (rejects) when the file is none that Grafana takes */
export async function ruleFiles(): Promise<readonly RuleFile[]> {
  const file = rulesFile.parse(await provisioned("alerting/rules.yaml"));
  return file.groups.flatMap(({ rules }) => rules);
}

/** The queries of a rule that go to InfluxDB. */
export function ruleQueries({ data }: RuleFile): readonly RuleQuery[] {
  return data.filter((step) => step.datasourceUid === "tally");
}

const sourceFile = z.strictObject({
  apiVersion: z.literal(1),
  datasources: z.tuple([z.strictObject({
    name: z.string(),
    uid: z.string(),
    type: z.literal("influxdb"),
    access: z.literal("proxy"),
    orgId: z.number(),
    isDefault: z.boolean(),
    editable: z.boolean(),
    url: z.string(),
    user: z.string(),
    database: z.string(),
    jsonData: z.strictObject({ dbName: z.string(), httpMode: z.string(), timeInterval: z.string() }),
    secureJsonData: z.strictObject({ password: z.string() }),
  })]),
});

/** The data source, its variables filled in as Grafana does. */
export async function dataSourceFile(env: Readonly<Record<string, string>>) {
  const [source] = sourceFile.parse(await provisioned("datasources/tally.yaml")).datasources;
  const filled = (text: string) => text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => env[name] ?? "");
  const password = filled(source.secureJsonData.password);
  return { ...source, url: filled(source.url), user: filled(source.user), secureJsonData: { password } };
}

/** What a provisioning file holds. */
export async function provisioned(name: string): Promise<unknown> {
  return parse(await Deno.readTextFile(new URL(`provisioning/${name}`, GRAFANA)));
}
