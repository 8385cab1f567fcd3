/** What is worth waking somebody for. */
import { type AlertQuery, alertRule, type AlertSpec } from "./alert_rule.ts";
import { customerBehaviour } from "./customer_behaviour.ts";
import { type Dashboard, panelId } from "./dashboard.ts";
import { tallyPipeline } from "./tally_pipeline.ts";
import { THRESHOLDS } from "./thresholds.ts";

const FINAL = `"final" = true AND $timeFilter`;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
/** What is younger may not be final yet. */
const SETTLED = 2 * MINUTE;

/** The rules; those about transactions look at final points only. */
export function alerts(): readonly AlertSpec[] {
  return [fraudRate(), transactionsFell(), anomaly(), lagGrows(), storeSilent()];
}

/** The file for `provisioning/alerting` with the rules. */
export function alertRules() {
  return {
    apiVersion: 1,
    groups: [{ orgId: 1, name: "tally", folder: "Tally", interval: "1m", rules: alerts().map(alertRule) }],
  };
}

/** The file with where alerts go: a web hook. */
export function contactPoints() {
  const settings = { url: "${ALERT_WEBHOOK_URL}", httpMethod: "POST" };
  return {
    apiVersion: 1,
    contactPoints: [{
      orgId: 1,
      name: "tally",
      receivers: [{ uid: "tally-webhook", type: "webhook", settings, disableResolveMessage: false }],
    }],
  };
}

/** The file with which alert goes where, and how often; it takes the place of the whole tree. */
export function policies() {
  return {
    apiVersion: 1,
    policies: [{
      orgId: 1,
      receiver: "tally",
      group_by: ["grafana_folder", "alertname"],
      group_wait: "30s",
      group_interval: "5m",
      repeat_interval: "4h",
      routes: [{ receiver: "tally", object_matchers: [["severity", "=", "critical"]], repeat_interval: "1h" }],
    }],
  };
}

function beside(dashboard: Dashboard, title: string): AlertSpec["panel"] {
  return { dashboardUid: dashboard.uid, panelId: panelId(dashboard, title) };
}

function fraudRate(): AlertSpec {
  const range = { fromSeconds: 10 * MINUTE + SETTLED, toSeconds: SETTLED, reducer: "last" } as const;
  const from = `FROM "transactions_total" WHERE ${FINAL} GROUP BY "category"`;
  return {
    uid: "tally-fraud-rate",
    title: "Fraud rate of a category is high",
    summary: "{{ $labels.category }}: {{ humanizePercentage $values.A_value.Value }} of purchases are fraud",
    description:
      `Over ten minutes more than ${THRESHOLDS.fraudRate * 100} % of the purchases of a category were marked as ` +
      `fraud, with at least ${THRESHOLDS.fraudTransactions} purchases.`,
    severity: "critical",
    queries: [
      { influxql: `SELECT sum("fraud_count") / sum("transaction_count") ${from}`, ...range },
      { influxql: `SELECT sum("transaction_count") ${from}`, ...range },
    ],
    condition: `$A_value > ${THRESHOLDS.fraudRate} && $B_value >= ${THRESHOLDS.fraudTransactions}`,
    holdsFor: "1m",
    whenEmpty: "OK",
    panel: beside(customerBehaviour(), "Fraud rate per category"),
  };
}

function transactionsFell(): AlertSpec {
  const count = `sum("transaction_count")`, recent = 10 * MINUTE;
  const minutes = `FROM "transactions_total" WHERE ${FINAL} GROUP BY time(1m) fill(0)`;
  // Both ranges begin an hour before the ten minutes: an answer of zeros, not of nothing, where transactions have stopped.
  const fromSeconds = HOUR + recent + SETTLED;
  return {
    uid: "tally-transactions-fell",
    title: "Transactions fell",
    summary:
      "Transactions fell to {{ humanize $values.A_value.Value }} a minute from {{ humanize $values.B_value.Value }}",
    description:
      `The last ten minutes had less than ${THRESHOLDS.fallenTo} times the transactions a minute of the hour ` +
      `before, which had at least ${THRESHOLDS.fallenFromPerMinute} a minute.`,
    severity: "critical",
    queries: [
      { influxql: `SELECT moving_average(${count}, 10) ${minutes}`, fromSeconds, toSeconds: SETTLED, reducer: "last" },
      { influxql: `SELECT ${count} ${minutes}`, fromSeconds, toSeconds: recent + SETTLED, reducer: "mean" },
    ],
    condition: `$A_value < ${THRESHOLDS.fallenTo} * $B_value && $B_value >= ${THRESHOLDS.fallenFromPerMinute}`,
    holdsFor: "5m",
    whenEmpty: "OK",
    panel: beside(customerBehaviour(), "Transactions per minute"),
  };
}

function anomaly(): AlertSpec {
  return {
    uid: "tally-anomaly-score",
    title: "Anomaly in a category",
    summary: "{{ $labels.category }}: anomaly score {{ $values.A_value.Value }}",
    description: `A category's anomaly score passed ${THRESHOLDS.anomalyScore} in the last five minutes.`,
    severity: "warning",
    queries: [{
      influxql: `SELECT max("score") FROM "transactions_anomaly" WHERE ${FINAL} GROUP BY "category"`,
      fromSeconds: 5 * MINUTE,
      reducer: "last",
    }],
    condition: `$A_value > ${THRESHOLDS.anomalyScore}`,
    holdsFor: "0s",
    whenEmpty: "OK",
    panel: beside(customerBehaviour(), "Transactions per minute"),
  };
}

function lagGrows(): AlertSpec {
  const from = `FROM "tally_partition" WHERE $timeFilter GROUP BY "partition"`;
  const ask = (influxql: string): AlertQuery => ({
    influxql: `SELECT ${influxql} ${from}`,
    fromSeconds: 10 * MINUTE,
    reducer: "last",
  });
  return {
    uid: "tally-lag-grows",
    title: "Lag is growing",
    summary:
      "Partition {{ $labels.partition }} is {{ humanize $values.B_value.Value }} records behind, and falling back",
    description:
      `A partition has more than ${THRESHOLDS.lagRecords} records not yet read, and more than ten minutes ago.`,
    severity: "warning",
    queries: [ask(`last("lag") - first("lag")`), ask(`last("lag")`)],
    condition: `$A_value > 0 && $B_value > ${THRESHOLDS.lagRecords}`,
    holdsFor: "5m",
    whenEmpty: "OK",
    panel: beside(tallyPipeline(), "Lag per partition"),
  };
}

function storeSilent(): AlertSpec {
  return {
    uid: "tally-store-silent",
    title: "The store does not acknowledge",
    summary: "Nothing has been written to the store for two minutes",
    description: "Tally writes its progress every second or two. Either the store refuses, or Tally does not run: " +
      "ask /healthz and `tally doctor`.",
    severity: "critical",
    queries: [{
      influxql: `SELECT count("lag") FROM "tally_partition" WHERE $timeFilter`,
      fromSeconds: 2 * MINUTE,
      reducer: "last",
    }],
    condition: "$A_value < 1",
    holdsFor: "1m",
    whenEmpty: "Alerting",
    panel: beside(tallyPipeline(), "Time between acknowledged writes"),
  };
}
