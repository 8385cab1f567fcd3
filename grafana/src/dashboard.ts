/**
 * A dashboard as JSON: the classic schema in the version of Grafana 9.3, which every later one migrates when it loads it.
 */
import { DATA_SOURCE, type DataSourceRef } from "./data_source.ts";
import { type Json, layOut, type Panel, type PanelSpec } from "./panel.ts";

/** What Grafana 9.3 writes; a higher number would hide the migrations that a later version has to make. */
const SCHEMA_VERSION = 37;
const CHOSEN_SOURCE: DataSourceRef = { type: "influxdb", uid: "${datasource}" };
const ALL = { selected: true, text: ["All"], value: ["$__all"] };

/** A choice at the head of a dashboard: values of a tag, any number of them. */
export interface TagVariable {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly measurement: string;
}

/** Events drawn over every chart. */
export interface AnnotationSpec {
  readonly name: string;
  readonly influxql: string;
  readonly textColumn: string;
  /** Columns, separated by commas. */
  readonly tagsColumn: string;
}

/** What a dashboard shows. */
export interface DashboardSpec {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** How much is shown at first, such as `now-30m`. */
  readonly from: string;
  readonly variables: readonly TagVariable[];
  readonly annotations: readonly AnnotationSpec[];
  readonly panels: readonly PanelSpec[];
}

/** A dashboard as a file. */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly schemaVersion: number;
  readonly version: number;
  readonly editable: false;
  readonly graphTooltip: number;
  readonly refresh: string;
  readonly timezone: string;
  readonly time: { readonly from: string; readonly to: string };
  readonly timepicker: { readonly refresh_intervals: readonly string[] };
  readonly links: readonly Json[];
  readonly annotations: { readonly list: readonly Json[] };
  readonly templating: { readonly list: readonly Json[] };
  readonly panels: readonly Panel[];
}

/** The dashboard's file. */
export function dashboard({ uid, title, description, from, variables, annotations, panels }: DashboardSpec): Dashboard {
  return {
    uid,
    title,
    description,
    tags: ["tally"],
    schemaVersion: SCHEMA_VERSION,
    version: 1,
    editable: false,
    graphTooltip: 1,
    refresh: "5s",
    timezone: "",
    time: { from, to: "now" },
    timepicker: { refresh_intervals: ["5s", "10s", "30s", "1m", "5m"] },
    links: [otherDashboards()],
    annotations: { list: annotations.map(annotation) },
    templating: { list: [sourceVariable(), ...variables.map(tagVariable)] },
    panels: layOut(panels, CHOSEN_SOURCE),
  };
}

/** The number of the panel with this title. @throws {RangeError} when there is none */
export function panelId({ title, panels }: Dashboard, panelTitle: string): number {
  const found = panels.find((panel) => panel.title === panelTitle);
  if (found === undefined) throw new RangeError(`Cannot find panel ${panelTitle}: ${title} has none of this title`);
  return found.id;
}

function otherDashboards(): Json {
  return {
    title: "Tally",
    type: "dashboards",
    icon: "external link",
    tooltip: "",
    tags: ["tally"],
    asDropdown: false,
    targetBlank: false,
    includeVars: false,
    keepTime: true,
  };
}

function annotation({ name, influxql, textColumn, tagsColumn }: AnnotationSpec): Json {
  return {
    name,
    datasource: { type: CHOSEN_SOURCE.type, uid: CHOSEN_SOURCE.uid },
    enable: true,
    hide: false,
    iconColor: "red",
    query: influxql,
    textColumn,
    tagsColumn,
    titleColumn: "",
    timeEndColumn: "",
  };
}

function sourceVariable(): Json {
  return {
    name: "datasource",
    label: "Data source",
    description: "The InfluxDB that Tally writes to",
    type: "datasource",
    query: "influxdb",
    regex: "",
    current: { selected: false, text: DATA_SOURCE, value: DATA_SOURCE },
    hide: 0,
    includeAll: false,
    multi: false,
    options: [],
    refresh: 1,
    skipUrlSync: false,
  };
}

function tagVariable({ name, label, description, measurement }: TagVariable): Json {
  const query = `SHOW TAG VALUES FROM "${measurement}" WITH KEY = "${name}"`;
  return {
    name,
    label,
    description,
    type: "query",
    datasource: { type: CHOSEN_SOURCE.type, uid: CHOSEN_SOURCE.uid },
    query,
    definition: query,
    regex: "",
    current: ALL,
    hide: 0,
    includeAll: true,
    allValue: ".*",
    multi: true,
    options: [],
    refresh: 2,
    skipUrlSync: false,
    sort: 1,
  };
}
