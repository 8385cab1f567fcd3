/**
 * Alert rules: queries, each reduced to one number a series, and a condition on these numbers.
 *
 * Rules do not know a dashboard's variables. Conditions are Grafana's `math` expressions because 9.3 has them too.
 */
import { DATA_SOURCE } from "./data_source.ts";
import { refId } from "./query.ts";

/** A query of a rule and the number made of it. */
export interface AlertQuery {
  readonly influxql: string;
  /** The range asked for: seconds before now. */
  readonly fromSeconds: number;
  /** @default {0} */
  readonly toSeconds?: number;
  readonly reducer: "last" | "max" | "mean";
}

/** What a rule watches. */
export interface AlertSpec {
  readonly uid: string;
  readonly title: string;
  readonly summary: string;
  readonly description: string;
  readonly severity: "critical" | "warning";
  readonly queries: readonly AlertQuery[];
  /** The first query's number is `$A_value`, the second's `$B_value`. */
  readonly condition: string;
  /** How long it must hold, such as `2m`. */
  readonly holdsFor: string;
  /** What it means when a query answers nothing. */
  readonly whenEmpty: "Alerting" | "OK";
  /** Shown beside the alert. */
  readonly panel: { readonly dashboardUid: string; readonly panelId: number };
}

const EXPRESSION = "__expr__";
const INTERVAL_MS = 60_000;
const MAX_POINTS = 1_000;

/** A rule as provisioning files hold it. */
export type AlertRule = ReturnType<typeof alertRule>;

/** The rule as provisioning files hold it. */
export function alertRule(spec: AlertSpec) {
  const { uid, title, summary, description, severity, queries, condition, holdsFor, whenEmpty, panel } = spec;
  return {
    uid,
    title,
    condition: "condition",
    for: holdsFor,
    noDataState: whenEmpty,
    execErrState: "Error",
    annotations: {
      summary,
      description,
      __dashboardUid__: panel.dashboardUid,
      __panelId__: String(panel.panelId),
    },
    labels: { severity, service: "tally" },
    isPaused: false,
    data: [
      ...queries.map(queryStep),
      ...queries.map(reduceStep),
      expression({ refId: "condition", type: "math", expression: condition }),
    ],
  };
}

function queryStep({ influxql, fromSeconds, toSeconds = 0 }: AlertQuery, index: number) {
  return {
    refId: refId(index),
    relativeTimeRange: { from: fromSeconds, to: toSeconds },
    datasourceUid: DATA_SOURCE,
    model: {
      refId: refId(index),
      datasource: { type: "influxdb", uid: DATA_SOURCE },
      query: influxql,
      rawQuery: true,
      resultFormat: "time_series",
      intervalMs: INTERVAL_MS,
      maxDataPoints: MAX_POINTS,
    },
  };
}

function reduceStep({ reducer }: AlertQuery, index: number) {
  const from = refId(index);
  return expression({
    refId: `${from}_value`,
    type: "reduce",
    expression: from,
    reducer,
    settings: { mode: "dropNN" },
  });
}

interface Expression {
  readonly refId: string;
  readonly type: "math" | "reduce";
  readonly expression: string;
  readonly reducer?: string;
  readonly settings?: { readonly mode: string };
}

function expression(model: Expression) {
  return {
    refId: model.refId,
    relativeTimeRange: { from: 0, to: 0 },
    datasourceUid: EXPRESSION,
    model: { datasource: { type: EXPRESSION, uid: EXPRESSION }, ...model },
  };
}
