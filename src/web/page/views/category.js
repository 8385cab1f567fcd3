/** One category: its amounts, regions, anomalies, customers and merchants, and its last windows as they are. */
import { fieldLines, marksOf } from "../drawings.js";
import { format, momentOf } from "../format.js";
import { keptOf, lackOf } from "../kept.js";
import { shareOf } from "../movers.js";
import { Anomalies } from "../parts/anomalies.js";
import { Buying } from "../parts/buying.js";
import { CategoryName, colourOf } from "../parts/category_name.js";
import { Figure } from "../parts/figure.js";
import { Headline } from "../parts/headline.js";
import { Later } from "../parts/later.js";
import { Link } from "../parts/link.js";
import { Ranking } from "../parts/ranking.js";
import { RegionBars } from "../parts/region_bars.js";
import { WindowTable } from "../parts/window_table.js";
import { openOf, unusualOf } from "../unusual.js";
import { html } from "../vendor/preact.js";

const QUANTILES = [
  { field: "amount_p99", name: "99 %", colour: "--q3" },
  { field: "amount_p95", name: "95 %", colour: "--q2" },
  { field: "avg_amount", name: "Average", colour: "--text", dash: true },
  { field: "amount_p50", name: "Median", colour: "--q1" },
];

export function Category({ view, route, go, answers }) {
  const { category } = route, row = view.rows[0];
  if (row === undefined) return html`<${Chooser} view=${view} route=${route} go=${go} />`;
  const anomalies = unusualOf(answers.anomalies ?? []), colour = colourOf(row.colour), isLess = lackOf(route) !== "";
  const charts = { view, category, route, anomalies };
  const one = (field, name) => [{ field, name, colour }];
  return html`
    <div class="title">
      <h2>
        <${CategoryName} category=${category} colour=${row.colour} />
      </h2>
    </div>
    <${Headline} label=${category} figures=${figuresOf(view, { row, colour, isLess })} />
    <${Chart} ...${charts} title="Amounts" note=${isLess ? "average" : "quantiles of a window"} fields=${QUANTILES}
      value=${format.amount} metric="average_amount" log=${!isLess} />
    <${Chart} ...${charts} title="Transactions per minute" fields=${one("transactions_per_minute", "Per minute")}
      value=${format.rate} metric="transaction_rate" />
    <${Chart} ...${charts} title="Unique customers" note="in a window" fields=${one("unique_customers", "Customers")}
      value=${format.count} metric="unique_customers" />
    <${Chart} ...${charts} title="Fraud rate" fields=${[{ field: "fraud_rate", name: "Fraud rate", colour: "--bad" }]}
      value=${format.percent} metric="fraud_rate" />
    <${Later} of=${RegionBars} answer=${answers.regions} route=${route} go=${go} highMs=${view.highMs} />
    <${Anomalies} anomalies=${anomalies.filter((point) => point.category === category)} nowMs=${view.nowMs}
      open=${openOf(answers.incidents ?? []).filter((incident) => incident.category === category)} />
    ${route.region === "" && html`<${Customers} view=${view} category=${category} answers=${answers} />`}
    <${Later} of=${WindowTable} view=${view} category=${category} route=${route} />
  `;
}

/** Who buys and who sells; of all regions together, whatever the range. */
function Customers({ view: { nowMs }, category, answers }) {
  const ranking = { of: Ranking, points: answers.top, category, nowMs };
  return html`
    <${Later} of=${Buying} points=${answers.customers} category=${category} nowMs=${nowMs} />
    <${Later} ...${ranking} kind="merchant" title="Top merchants" />
    <${Later} ...${ranking} kind="customer" title="Top customers" />
  `;
}

/** Fields of the category over time, but those that are not kept of what is shown. */
function Chart({ view, category, route, anomalies, metric, title, note, value, log, ...rest }) {
  const fields = keptOf(rest.fields, route);
  if (fields.length === 0) {
    return html`
      <section class="card wide6">
        <h2>${title}</h2>
        <p class="nothing">${lackOf(route)}</p>
      </section>
    `;
  }
  const sheet = () => ({
    name: `${category} ${title}`,
    columns: [
      { label: "Window ended", format: (date) => momentOf(date.getTime(), view.nowMs) },
      ...fields.map(({ name }) => ({ label: name, format: value })),
    ],
    rows: view.times.toReversed().map((timeMs) => [
      new Date(timeMs),
      ...fields.map(({ field }) => view.point(category, timeMs)?.[field]),
    ]),
  });
  const marks = marksOf(anomalies, { category, metric });
  const axis = value === format.percent ? value : format.compact;
  const drawing = fieldLines(view, { category, fields, value, axis, marks, log });
  return html`
    <${Figure} class="wide6" title=${title} note=${note} drawing=${drawing} sheet=${sheet}
      legend=${fields.length > 1 && html`<${Key} fields=${fields} />`} />
  `;
}

function Key({ fields }) {
  return html`<p class="legend plainLegend">${
    fields.map(({ name, colour, dash }) =>
      html`<span><i class=${dash ? "swatch dashed" : "swatch"} style=${{
        color: `var(${colour})`,
      }} aria-hidden="true"></i>${name}</span>`
    )
  }</p>`;
}

function figuresOf(view, { row: { point, before }, colour, isLess }) {
  const figure = (label, field, print) => ({
    label,
    text: print(point[field]),
    share: shareOf(before?.[field], point[field]),
    compares: true,
    trend: view.times.filter((timeMs) => timeMs <= view.shownMs).map((timeMs) =>
      view.point(point.category, timeMs)?.[field]
    ),
    colour,
  });
  const alarm = { alarm: true, colour: "--bad" };
  const kept = [
    figure("Transactions per minute", "transactions_per_minute", format.rate),
    figure("Average amount", "avg_amount", format.amount),
    { ...figure("Fraud rate", "fraud_rate", format.percent), ...alarm },
  ];
  if (isLess) return [...kept, { ...figure("Frauds in the window", "fraud_count", format.count), ...alarm }];
  return [
    ...kept,
    figure("Median", "amount_p50", format.amount),
    figure("Unique customers", "unique_customers", format.count),
  ];
}

/** Nothing chosen, or nothing known of what was. */
function Chooser({ view, route, go }) {
  return html`<section class="card chooser">
    <h2>${route.category === "" ? "Choose a category" : "This category has no points in the range"}</h2>
    <ul>${
    view.categories.map(({ category, colour }) =>
      html`
        <li key=${category}>
          <${Link} route=${route} go=${go} to=${{ category }}>
            <${CategoryName} category=${category} colour=${colour} />
            <//>
            </li>
      `
    )
  }</ul>
    ${view.categories.length === 0 && html`<p class="nothing">Waiting for the first transactions</p>`}
  </section>`;
}
