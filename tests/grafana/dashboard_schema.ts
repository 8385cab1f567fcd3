/**
 * What Grafana's classic dashboard schema, as of 9.3, allows of what is used here; strict, so that a misspelt name fails.
 *
 * Source: the schema of kind `dashboard` in Grafana 9.3, whose names are all in that of the newest version too.
 */
import { z } from "zod";

const sourceRef = z.strictObject({ type: z.literal("influxdb"), uid: z.string().min(1) });
const text = z.string().min(1);
const duration = z.string().regex(/^\d+(s|m|h)$/);

const target = z.strictObject({
  refId: z.string().regex(/^[A-Z]$/),
  datasource: sourceRef,
  query: text,
  rawQuery: z.literal(true),
  resultFormat: z.enum(["time_series", "table"]),
  alias: z.string().optional(),
});

const step = z.strictObject({ value: z.number().nullable(), color: text });

const override = z.strictObject({
  matcher: z.strictObject({ id: z.literal("byName"), options: text }),
  properties: z.array(z.strictObject({ id: text, value: z.unknown() })),
});

const panel = z.strictObject({
  id: z.number().int().positive(),
  // None is younger than 9.3.
  type: z.enum(["geomap", "heatmap", "stat", "table", "timeseries"]),
  title: text,
  description: text,
  datasource: sourceRef,
  gridPos: z.strictObject({
    x: z.number().int().min(0).max(23),
    y: z.number().int().min(0),
    w: z.number().int().min(1).max(24),
    h: z.number().int().min(1),
  }),
  interval: duration.optional(),
  fieldConfig: z.strictObject({
    defaults: z.strictObject({
      unit: text,
      color: z.strictObject({ mode: z.enum(["palette-classic", "thresholds"]) }).optional(),
      thresholds: z.strictObject({ mode: z.literal("absolute"), steps: z.array(step).min(1) }).optional(),
      custom: z.record(z.string(), z.unknown()).optional(),
    }),
    overrides: z.array(override),
  }),
  options: z.record(z.string(), z.unknown()),
  targets: z.array(target).min(1),
});

const choice = z.union([z.string(), z.array(z.string())]);
const variable = z.strictObject({
  name: z.string().regex(/^\w+$/),
  label: text,
  description: text,
  type: z.enum(["datasource", "query"]),
  datasource: sourceRef.optional(),
  query: text,
  definition: z.string().optional(),
  regex: z.string(),
  current: z.strictObject({ selected: z.boolean(), text: choice, value: choice }),
  hide: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  includeAll: z.boolean(),
  allValue: z.string().optional(),
  multi: z.boolean(),
  options: z.array(z.never()),
  refresh: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  skipUrlSync: z.boolean(),
  sort: z.number().int().min(0).max(6).optional(),
});

const annotation = z.strictObject({
  name: text,
  datasource: sourceRef,
  enable: z.boolean(),
  hide: z.boolean(),
  iconColor: text,
  query: text,
  textColumn: text,
  tagsColumn: z.string(),
  titleColumn: z.string(),
  timeEndColumn: z.string(),
});

/** A dashboard's file; no `id`, which Grafana gives. */
export const DASHBOARD_SCHEMA = z.strictObject({
  uid: z.string().min(1).max(40),
  title: text,
  description: text,
  tags: z.array(text),
  schemaVersion: z.number().int().max(37),
  version: z.number().int(),
  editable: z.boolean(),
  graphTooltip: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  refresh: duration,
  timezone: z.string(),
  time: z.strictObject({ from: text, to: text }),
  timepicker: z.strictObject({ refresh_intervals: z.array(duration) }),
  links: z.array(z.strictObject({
    title: text,
    type: z.enum(["dashboards", "link"]),
    icon: text,
    tooltip: z.string(),
    tags: z.array(text),
    asDropdown: z.boolean(),
    targetBlank: z.boolean(),
    includeVars: z.boolean(),
    keepTime: z.boolean(),
  })),
  annotations: z.strictObject({ list: z.array(annotation) }),
  templating: z.strictObject({ list: z.array(variable) }),
  panels: z.array(panel).min(1),
});

/** A dashboard as it stands in its file. */
export type DashboardFile = z.infer<typeof DASHBOARD_SCHEMA>;
