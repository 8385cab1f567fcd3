/** InfluxQL queries of panels, as Grafana stores them. */
import type { DataSourceRef } from "./data_source.ts";

/** One query of a panel. */
export interface Query {
  /** `$timeFilter`, `$__interval` and the dashboard's variables are filled in by Grafana. */
  readonly influxql: string;
  /** What a series is called; `$tag_x` is the value of tag x. */
  readonly alias?: string;
  /** @default {"time_series"} */
  readonly format?: "time_series" | "table";
}

/** A query as a panel holds it. */
export interface Target {
  readonly refId: string;
  readonly datasource: DataSourceRef;
  readonly query: string;
  readonly rawQuery: true;
  readonly resultFormat: "time_series" | "table";
  readonly alias?: string;
}

/** What the variables `category` and `region` choose; works for one, several and all. */
export const CHOSEN_CATEGORY = `"category" =~ /^$category$/`;
/** The regions chosen. */
export const CHOSEN_REGION = `"region" =~ /^$region$/`;
/** Both, in the range of time shown. */
export const CHOSEN = `${CHOSEN_CATEGORY} AND ${CHOSEN_REGION} AND $timeFilter`;
/** The partitions chosen, in the range of time shown. */
export const CHOSEN_PARTITION = `"partition" =~ /^$partition$/ AND $timeFilter`;

/** The queries of a panel, named A, B, and so on. */
export function targets(queries: readonly Query[], datasource: DataSourceRef): readonly Target[] {
  return queries.map(({ influxql, alias, format = "time_series" }, index) => ({
    refId: refId(index),
    datasource,
    query: influxql,
    rawQuery: true,
    resultFormat: format,
    ...(alias === undefined ? {} : { alias }),
  }));
}

/** The name of the query at `index`, counted from 0. */
export function refId(index: number): string {
  return String.fromCharCode("A".charCodeAt(0) + index);
}
