/** Panels: what one shows, and the JSON that Grafana keeps of it. Only types that Grafana 9.3 knows. */
import type { DataSourceRef } from "./data_source.ts";
import { type Query, type Target, targets } from "./query.ts";

/** A value of JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** Panel types in use. */
export type PanelType = "geomap" | "heatmap" | "stat" | "table" | "timeseries";

/** What a panel shows. */
export interface PanelSpec {
  readonly type: PanelType;
  readonly title: string;
  /** For somebody who sees the number for the first time: what it means and which filters it follows. */
  readonly description: string;
  /** A unit by Grafana's name for it. */
  readonly unit: string;
  /** Columns (of 24) and rows. */
  readonly size: readonly [columns: number, rows: number];
  readonly queries: readonly Query[];
  /** The shortest time between two points. @default {the data source's} */
  readonly interval?: string;
  readonly defaults?: Readonly<Record<string, Json>>;
  readonly overrides?: readonly Json[];
  readonly options: Readonly<Record<string, Json>>;
}

/** Where a panel is; units of the grid. */
export interface GridPos {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** A panel as a dashboard holds it. */
export interface Panel {
  readonly id: number;
  readonly type: PanelType;
  readonly title: string;
  readonly description: string;
  readonly datasource: DataSourceRef;
  readonly gridPos: GridPos;
  readonly interval?: string;
  readonly fieldConfig: {
    readonly defaults: Readonly<Record<string, Json>>;
    readonly overrides: readonly Json[];
  };
  readonly options: Readonly<Record<string, Json>>;
  readonly targets: readonly Target[];
}

const COLUMNS = 24;

/** Panels laid out left to right, a new row where one is full. @throws {RangeError} when a panel is wider than the grid */
export function layOut(specs: readonly PanelSpec[], datasource: DataSourceRef): readonly Panel[] {
  const panels: Panel[] = [];
  let x = 0, y = 0, rowHeight = 0;
  for (const spec of specs) {
    const [w, h] = spec.size;
    if (!(w <= COLUMNS)) throw new RangeError(`Cannot lay out panel ${spec.title}: ${w} columns of ${COLUMNS}`);
    if (x + w > COLUMNS) {
      x = 0;
      y += rowHeight;
      rowHeight = 0;
    }
    panels.push(panel(spec, { id: panels.length + 1, datasource, gridPos: { x, y, w, h } }));
    x += w;
    rowHeight = Math.max(rowHeight, h);
  }
  return panels;
}

function panel(
  spec: PanelSpec,
  place: { readonly id: number; readonly datasource: DataSourceRef; readonly gridPos: GridPos },
): Panel {
  const { type, title, description, unit, queries, interval, defaults = {}, overrides = [], options } = spec;
  const { id, datasource, gridPos } = place;
  return {
    id,
    type,
    title,
    description,
    datasource,
    gridPos,
    ...(interval === undefined ? {} : { interval }),
    fieldConfig: { defaults: { unit, ...defaults }, overrides },
    options,
    targets: targets(queries, datasource),
  };
}

/** How a chart over time draws its series. */
export interface ChartStyle {
  readonly draw?: "line" | "bars";
  readonly isStacked?: boolean;
  /** 0 to 100. */
  readonly fill?: number;
}

/** Options and defaults of a chart over time. */
export function chart({ draw = "line", isStacked = false, fill = 0 }: ChartStyle = {}) {
  return {
    type: "timeseries",
    defaults: {
      color: { mode: "palette-classic" },
      custom: {
        drawStyle: draw,
        lineInterpolation: "linear",
        lineWidth: 1,
        fillOpacity: fill,
        showPoints: "never",
        spanNulls: false,
        stacking: { mode: isStacked ? "normal" : "none", group: "A" },
      },
    },
    options: {
      legend: { displayMode: "list", placement: "bottom", showLegend: true, calcs: [] },
      tooltip: { mode: "multi", sort: "desc" },
    },
  } as const;
}

/** A colour from a value on; the first step has none. */
export interface Step {
  readonly value: number | null;
  readonly color: string;
}

/** Options and defaults of a single number, coloured by steps. */
export function stat(steps: readonly Step[] = [{ value: null, color: "blue" }]) {
  return {
    type: "stat",
    defaults: {
      color: { mode: "thresholds" },
      thresholds: { mode: "absolute", steps: steps.map(({ value, color }) => ({ value, color })) },
    },
    options: {
      reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
      orientation: "auto",
      textMode: "auto",
      colorMode: "value",
      graphMode: "none",
      justifyMode: "auto",
    },
  } as const;
}
