/** The dashboard for who is on call: does the pipeline keep up, what does it refuse, does the store answer. */
import { type Dashboard, dashboard } from "./dashboard.ts";
import { METRICS_DATABASE } from "./data_source.ts";
import { chart, type PanelSpec, stat, type Step } from "./panel.ts";
import { CHOSEN_PARTITION } from "./query.ts";
import { THRESHOLDS } from "./thresholds.ts";

const PARTITIONS = `FROM "tally_partition" WHERE ${CHOSEN_PARTITION}`;
const EACH_PARTITION = `GROUP BY time($__interval), "partition" fill(none)`;
const TOGETHER = `WHERE $timeFilter GROUP BY time($__interval) fill(none)`;
const metric = (name: string): string => `"${METRICS_DATABASE}"."autogen"."${name}"`;
const SCRAPED = "InfluxDB asks for it every 10 s.";
/** What InfluxDB collects comes every 10 s; a shorter interval would show gaps. */
const SCRAPE_INTERVAL = "20s";

/** The dashboard. */
export function tallyPipeline(): Dashboard {
  return dashboard({
    uid: "tally-pipeline",
    title: "Tally pipeline",
    description: "Whether Tally keeps up with the topic, what it refuses, and whether the store answers",
    from: "now-30m",
    variables: [{
      name: "partition",
      label: "Partition",
      description: "Partitions of the topic",
      measurement: "tally_partition",
    }],
    annotations: [],
    panels: [...headlines(), ...progress(), ...outcomes(), restarts(), storeLatency(), acknowledgements()],
  });
}

function warnAt(limit: number): readonly Step[] {
  return [{ value: null, color: "green" }, { value: limit / 2, color: "orange" }, { value: limit, color: "red" }];
}

function headlines(): readonly PanelSpec[] {
  return [
    {
      ...stat(warnAt(THRESHOLDS.lagRecords)),
      title: "Lag",
      description: "Records that the chosen partitions have and that are not yet read.",
      unit: "short",
      size: [6, 4],
      queries: [{
        influxql:
          `SELECT sum("lag") FROM (SELECT last("lag") AS "lag" ${PARTITIONS} GROUP BY "partition") WHERE $timeFilter`,
      }],
    },
    {
      ...stat(warnAt(THRESHOLDS.watermarkDelaySeconds)),
      title: "Watermark delay",
      description:
        "How far the slowest chosen partition's watermark is behind the clock; it holds back what becomes final.",
      unit: "s",
      size: [6, 4],
      queries: [{
        influxql: `SELECT max("delay") FROM (SELECT last("watermark_delay_seconds") AS "delay" ${PARTITIONS} ` +
          `GROUP BY "partition") WHERE $timeFilter`,
      }],
    },
    {
      ...stat([{ value: null, color: "green" }, { value: 1, color: "orange" }]),
      title: "Dead letters",
      description: "Records of the chosen partitions refused as late, future or invalid, since the group began.",
      unit: "short",
      size: [6, 4],
      queries: [{
        influxql: `SELECT sum("late") + sum("future") + sum("invalid") FROM (SELECT last("late") AS "late", ` +
          `last("future") AS "future", last("invalid") AS "invalid" ${PARTITIONS} GROUP BY "partition") WHERE $timeFilter`,
      }],
    },
    {
      ...stat([{ value: null, color: "red" }, { value: 1, color: "green" }]),
      title: "Healthy",
      description: `Whether Tally says that everything advances, as /healthz does: 1 yes, 0 no. ${SCRAPED}`,
      unit: "bool_yes_no",
      size: [6, 4],
      queries: [{ influxql: `SELECT last("gauge") FROM ${metric("tally_healthy")} WHERE $timeFilter` }],
    },
  ];
}

function progress(): readonly PanelSpec[] {
  const byPartition = { alias: "partition $tag_partition" };
  return [
    {
      ...chart(),
      title: "Lag per partition",
      description: `Records not yet read; the alert fires when it grows past ${THRESHOLDS.lagRecords}.`,
      unit: "short",
      size: [12, 9],
      queries: [{ influxql: `SELECT last("lag") ${PARTITIONS} ${EACH_PARTITION}`, ...byPartition }],
    },
    {
      ...chart(),
      title: "Watermark delay per partition",
      description: "How far a partition's watermark is behind the clock. At rest it is the lateness, or the idle time.",
      unit: "s",
      size: [12, 9],
      queries: [{ influxql: `SELECT last("watermark_delay_seconds") ${PARTITIONS} ${EACH_PARTITION}`, ...byPartition }],
    },
  ];
}

function outcomes(): readonly PanelSpec[] {
  return [
    {
      ...chart({ fill: 20 }),
      title: "Records counted per second",
      description: "Transactions of the chosen partitions that were counted, over all of them.",
      unit: "cps",
      size: [12, 9],
      interval: "10s",
      queries: [{
        influxql: `SELECT sum("rate") FROM (SELECT non_negative_derivative(last("counted"), 1s) AS "rate" ` +
          `${PARTITIONS} ${EACH_PARTITION}) ${TOGETHER}`,
        alias: "counted",
      }],
    },
    {
      ...chart({ draw: "bars", isStacked: true, fill: 80 }),
      title: "Late, invalid and future records",
      description: "Records refused in each interval; each is a dead letter with its reason.",
      unit: "short",
      size: [12, 9],
      interval: "10s",
      queries: ["late", "invalid", "future"].map((reason) => ({
        influxql: `SELECT sum("n") FROM (SELECT non_negative_difference(last("${reason}")) AS "n" ` +
          `${PARTITIONS} ${EACH_PARTITION}) ${TOGETHER}`,
        alias: reason,
      })),
    },
  ];
}

function restarts(): PanelSpec {
  return {
    ...chart({ draw: "bars", fill: 80 }),
    title: "Restarts of actors",
    description: `Restarts since the process started, for each actor; steps up are crashes. ${SCRAPED}`,
    unit: "short",
    size: [8, 9],
    interval: SCRAPE_INTERVAL,
    queries: [{
      influxql: `SELECT max("counter") FROM ${metric("tally_actor_restarts_total")} WHERE $timeFilter ` +
        `GROUP BY time($__interval), "path" fill(none)`,
      alias: "$tag_path",
    }],
  };
}

function storeLatency(): PanelSpec {
  const series = `GROUP BY time($__interval), "response_code", "user_agent" fill(none)`;
  const from = `FROM ${metric("http_api_request_duration_seconds")} WHERE "path" = '/api/v2/write' AND $timeFilter`;
  return {
    ...chart({ fill: 10 }),
    title: "Store latency",
    description: `Time that InfluxDB takes over a write request on average, by its own measure. ${SCRAPED}`,
    unit: "s",
    size: [8, 9],
    interval: SCRAPE_INTERVAL,
    queries: [{
      influxql:
        `SELECT sum("seconds") / sum("requests") FROM (SELECT non_negative_difference(last("sum")) AS "seconds", ` +
        `non_negative_difference(last("count")) AS "requests" ${from} ${series}) ${TOGETHER}`,
      alias: "write",
    }],
  };
}

function acknowledgements(): PanelSpec {
  return {
    ...chart({ fill: 10 }),
    title: "Time between acknowledged writes",
    description: "Longest time between two writes that the store acknowledged; grows when it is slow or away.",
    unit: "ms",
    size: [8, 9],
    interval: "10s",
    queries: [{
      influxql:
        `SELECT max("elapsed") FROM (SELECT elapsed("lag", 1ms) AS "elapsed" ${PARTITIONS} GROUP BY "partition") ` +
        TOGETHER,
      alias: "between writes",
    }],
  };
}
