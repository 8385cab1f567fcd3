/** The dashboard for weeks and months: hours and days, which stay when windows and panes have gone. */
import { type Dashboard, dashboard } from "./dashboard.ts";
import { chart, type PanelSpec, stat } from "./panel.ts";
import { CHOSEN } from "./query.ts";

const HOURS = `FROM "transactions_hourly" WHERE ${CHOSEN}`;
const PER_CATEGORY = `GROUP BY time($__interval), "category" fill(none)`;
const BY_CATEGORY = { alias: "$tag_category" };
const WHEN = "Whole hours, final; follows category and region.";

/** The dashboard. */
export function longTerm(): Dashboard {
  return dashboard({
    uid: "tally-long-term",
    title: "Long term",
    description: "What customers have bought over weeks and months, by hour and day",
    from: "now-30d",
    variables: [
      { name: "category", label: "Category", description: "Merchant categories", measurement: "transactions_hourly" },
      { name: "region", label: "Region", description: "States or provinces", measurement: "transactions_hourly" },
    ],
    annotations: [],
    panels: [...totals(), ...trends()],
  });
}

function totals(): readonly PanelSpec[] {
  const total = { ...stat(), size: [8, 4] as const };
  return [
    {
      ...total,
      title: "Transactions",
      description: `Purchases in the time shown. ${WHEN}`,
      unit: "short",
      queries: [{ influxql: `SELECT sum("transaction_count") ${HOURS}` }],
    },
    {
      ...total,
      title: "Turnover",
      description: `Amount of all purchases in the time shown. ${WHEN}`,
      unit: "currencyUSD",
      queries: [{ influxql: `SELECT sum("amount_sum") ${HOURS}` }],
    },
    {
      ...total,
      title: "Fraud rate",
      description: `Share of purchases marked as fraud in the time shown. ${WHEN}`,
      unit: "percentunit",
      queries: [{ influxql: `SELECT sum("fraud_count") / sum("transaction_count") ${HOURS}` }],
    },
  ];
}

function trends(): readonly PanelSpec[] {
  const trend = { size: [12, 9] as const, interval: "1h" };
  return [
    {
      ...chart({ draw: "bars", isStacked: true, fill: 80 }),
      ...trend,
      title: "Transactions per category",
      description: `Purchases in each interval, an hour at least. ${WHEN}`,
      unit: "short",
      queries: [{ influxql: `SELECT sum("transaction_count") ${HOURS} ${PER_CATEGORY}`, ...BY_CATEGORY }],
    },
    {
      ...chart(),
      ...trend,
      title: "Average amount per category",
      description: `Amount of a purchase on average. ${WHEN}`,
      unit: "currencyUSD",
      queries: [{
        influxql: `SELECT sum("amount_sum") / sum("transaction_count") ${HOURS} ${PER_CATEGORY}`,
        ...BY_CATEGORY,
      }],
    },
    {
      ...chart(),
      ...trend,
      title: "Fraud rate per category",
      description: `Share of purchases marked as fraud. ${WHEN}`,
      unit: "percentunit",
      queries: [{
        influxql: `SELECT sum("fraud_count") / sum("transaction_count") ${HOURS} ${PER_CATEGORY}`,
        ...BY_CATEGORY,
      }],
    },
    {
      ...chart({ draw: "bars", fill: 80 }),
      ...trend,
      title: "Turnover per day",
      description: `Amount of all purchases of a day, UTC. ${WHEN}`,
      unit: "currencyUSD",
      interval: "1d",
      queries: [{
        influxql: `SELECT sum("amount_sum") ${HOURS} GROUP BY time(1d) fill(none)`,
        alias: "turnover",
      }],
    },
  ];
}
