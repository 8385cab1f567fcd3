/** The dashboard for a store manager: what customers buy, where, and what is unusual. */
import { type Dashboard, dashboard } from "./dashboard.ts";
import { chart, type PanelSpec, stat } from "./panel.ts";
import { CHOSEN, CHOSEN_CATEGORY } from "./query.ts";
import { THRESHOLDS } from "./thresholds.ts";

const PER_CATEGORY = `GROUP BY time($__interval), "category" fill(none)`;
const ROLLING = `FROM "transactions_avg" WHERE ${CHOSEN_CATEGORY} AND $timeFilter`;
const EXACT = `FROM "transactions_total" WHERE ${CHOSEN}`;
const BY_CATEGORY = { alias: "$tag_category" };
const BOTH = "Exact sums; follows category and region.";
const CATEGORY_ONLY = "From the rolling windows; follows category, not region.";
const FRAUD_STEPS = [
  { value: null, color: "green" },
  { value: THRESHOLDS.fraudRate / 2, color: "orange" },
  { value: THRESHOLDS.fraudRate, color: "red" },
] as const;

/** The dashboard. */
export function customerBehaviour(): Dashboard {
  return dashboard({
    uid: "tally-customer-behaviour",
    title: "Customer behaviour",
    description: "What customers buy, for how much, where, and how much of it is fraud",
    from: "now-30m",
    variables: [
      { name: "category", label: "Category", description: "Merchant categories", measurement: "transactions_avg" },
      { name: "region", label: "Region", description: "States or provinces", measurement: "transactions_total" },
    ],
    annotations: [{
      name: "Anomalies",
      influxql: `SELECT "message", "category", "metric" FROM "transactions_anomaly" WHERE ${CHOSEN_CATEGORY} ` +
        `AND "final" = true AND "score" > ${THRESHOLDS.anomalyScore} AND $timeFilter`,
      textColumn: "message",
      tagsColumn: "category,metric",
    }],
    panels: [...headlines(), ...amounts(), ...activity(), ...fraud(), heatMap(), regionMap()],
  });
}

function headlines(): readonly PanelSpec[] {
  return [
    {
      ...stat(),
      title: "Transactions",
      description: `Purchases in the time shown. ${BOTH}`,
      unit: "short",
      size: [6, 4],
      queries: [{ influxql: `SELECT sum("transaction_count") ${EXACT}` }],
    },
    {
      ...stat(),
      title: "Average amount",
      description: `Amount of a purchase on average over the time shown. ${BOTH}`,
      unit: "currencyUSD",
      size: [6, 4],
      queries: [{ influxql: `SELECT sum("amount_sum") / sum("transaction_count") ${EXACT}` }],
    },
    {
      ...stat(FRAUD_STEPS),
      title: "Fraud rate",
      description: `Share of purchases marked as fraud in the time shown. ${BOTH}`,
      unit: "percentunit",
      size: [6, 4],
      queries: [{ influxql: `SELECT sum("fraud_count") / sum("transaction_count") ${EXACT}` }],
    },
    {
      ...stat(),
      title: "Fraud amount",
      description: `Amount of the purchases marked as fraud in the time shown. ${BOTH}`,
      unit: "currencyUSD",
      size: [6, 4],
      queries: [{ influxql: `SELECT sum("fraud_amount") ${EXACT}` }],
    },
  ];
}

function amounts(): readonly PanelSpec[] {
  return [
    {
      ...chart(),
      title: "Average amount per category",
      description: `Amount of a purchase on average. ${BOTH}`,
      unit: "currencyUSD",
      size: [12, 9],
      interval: "30s",
      queries: [{
        influxql: `SELECT sum("amount_sum") / sum("transaction_count") ${EXACT} ${PER_CATEGORY}`,
        ...BY_CATEGORY,
      }],
    },
    {
      ...chart({ isStacked: true, fill: 40 }),
      title: "Transactions per minute",
      description: `Rate of purchases, one category on top of the other. ${CATEGORY_ONLY}`,
      unit: "cpm",
      size: [12, 9],
      queries: [{ influxql: `SELECT mean("transactions_per_minute") ${ROLLING} ${PER_CATEGORY}`, ...BY_CATEGORY }],
    },
  ];
}

function activity(): readonly PanelSpec[] {
  const counts = `sum("transaction_count")`, minutes = `GROUP BY time($__interval) fill(0)`;
  return [
    {
      ...chart({ fill: 10 }),
      title: "Activity trend",
      description: `Purchases in each interval, and their moving average over ten of them. ${BOTH}`,
      unit: "short",
      size: [12, 9],
      interval: "30s",
      queries: [
        { influxql: `SELECT ${counts} ${EXACT} ${minutes}`, alias: "transactions" },
        { influxql: `SELECT moving_average(${counts}, 10) ${EXACT} ${minutes}`, alias: "moving average" },
      ],
    },
    {
      ...chart(),
      title: "Unique customers per category",
      description: `Different customers in a rolling window, estimated within about 2 %. ${CATEGORY_ONLY}`,
      unit: "short",
      size: [12, 9],
      queries: [{ influxql: `SELECT max("unique_customers") ${ROLLING} ${PER_CATEGORY}`, ...BY_CATEGORY }],
    },
  ];
}

function fraud(): readonly PanelSpec[] {
  return [
    {
      ...chart({ draw: "bars", isStacked: true, fill: 80 }),
      title: "Fraud count per category",
      description: `Purchases marked as fraud in each interval. ${BOTH}`,
      unit: "short",
      size: [12, 9],
      interval: "1m",
      queries: [{ influxql: `SELECT sum("fraud_count") ${EXACT} ${PER_CATEGORY}`, ...BY_CATEGORY }],
    },
    {
      ...chart(),
      title: "Fraud rate per category",
      description: `Share of purchases marked as fraud; the alert fires at ${THRESHOLDS.fraudRate * 100} %. ${BOTH}`,
      unit: "percentunit",
      size: [12, 9],
      interval: "1m",
      queries: [{
        influxql: `SELECT sum("fraud_count") / sum("transaction_count") ${EXACT} ${PER_CATEGORY}`,
        ...BY_CATEGORY,
      }],
    },
  ];
}

function heatMap(): PanelSpec {
  return {
    type: "heatmap",
    title: "Heat map of amounts",
    description: `Average amount by category (rows) and time; darker is more. ${BOTH}`,
    unit: "currencyUSD",
    size: [12, 12],
    interval: "1m",
    queries: [{
      influxql: `SELECT sum("amount_sum") / sum("transaction_count") ${EXACT} ${PER_CATEGORY}`,
      ...BY_CATEGORY,
    }],
    options: {
      calculate: false,
      color: {
        mode: "scheme",
        scheme: "Oranges",
        exponent: 0.5,
        scale: "exponential",
        steps: 64,
        fill: "orange",
        reverse: false,
      },
      cellGap: 1,
      cellValues: { unit: "currencyUSD" },
      rowsFrame: { layout: "auto", value: "Average amount" },
      showValue: "never",
      yAxis: { axisPlacement: "left", reverse: false },
      legend: { show: true },
      tooltip: { show: true, yHistogram: false },
      filterValues: { le: 1e-9 },
      exemplars: { color: "rgba(255,0,255,0.7)" },
    },
  };
}

function regionMap(): PanelSpec {
  return {
    type: "geomap",
    title: "Regions",
    description: `Where purchases are made: size by number, colour by share of fraud. ${BOTH}`,
    unit: "short",
    size: [12, 12],
    queries: [{
      influxql:
        `SELECT mean("lat") AS "latitude", mean("lon") AS "longitude", sum("transaction_count") AS "transactions", ` +
        `sum("fraud_count") / sum("transaction_count") AS "fraud rate", ` +
        `sum("amount_sum") / sum("transaction_count") AS "average amount" ${EXACT} GROUP BY "region"`,
      format: "table",
    }],
    defaults: { thresholds: { mode: "absolute", steps: [...FRAUD_STEPS] }, color: { mode: "thresholds" } },
    overrides: [unitOf("fraud rate", "percentunit"), unitOf("average amount", "currencyUSD")],
    options: {
      view: { id: "coords", lat: 38.5, lon: -97, zoom: 3.5 },
      basemap: { type: "default", name: "Basemap" },
      controls: { showZoom: true, mouseWheelZoom: false, showAttribution: true, showScale: false, showDebug: false },
      tooltip: { mode: "details" },
      layers: [{
        type: "markers",
        name: "Regions",
        location: { mode: "coords", latitude: "latitude", longitude: "longitude" },
        tooltip: true,
        config: {
          showLegend: true,
          style: {
            color: { field: "fraud rate", fixed: "dark-green" },
            size: { field: "transactions", fixed: 5, min: 4, max: 24 },
            opacity: 0.7,
            symbol: { mode: "fixed", fixed: "img/icons/marker/circle.svg" },
            text: { mode: "field", field: "region", fixed: "" },
            textConfig: { fontSize: 10, offsetX: 0, offsetY: 0, textAlign: "center", textBaseline: "middle" },
          },
        },
      }],
    },
  };
}

function unitOf(field: string, unit: string) {
  return { matcher: { id: "byName", options: field }, properties: [{ id: "unit", value: unit }] };
}
